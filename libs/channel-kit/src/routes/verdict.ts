import type { SubmitAnswer } from '../channel.js';
import { FAILURE_REASONS } from '../failures.js';

/**
 * What one answer says about its route. `good`: it works. `slow`: it works, and nobody should wait for it who need not. `failed`: the route failed and
 * counts against its points and its circuit. `doubtful`: against its points only. `neutral`: a full provider is not a broken one; pacing answers that.
 */
export const VERDICTS = ['good', 'slow', 'failed', 'doubtful', 'neutral'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Pure: the verdict on a route of an answer that took so many ms. */
export function verdictOf(answer: SubmitAnswer, tookMs: number, slowMs: number): Verdict {
  switch (answer.kind) {
    case 'accepted':
      return tookMs > slowMs ? 'slow' : 'good';
    case 'failed':
      switch (FAILURE_REASONS[answer.reason].blamesRoute) {
        case 'yes':
          return 'failed';
        case 'perhaps':
          return 'doubtful';
        case 'no':
          return tookMs > slowMs ? 'slow' : 'good';
      }
    case 'throttled':
      return 'neutral';
    case 'not-submitted':
    case 'in-doubt':
      return 'failed';
  }
}
