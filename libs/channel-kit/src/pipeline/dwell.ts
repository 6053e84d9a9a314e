import { LANES } from '@tocsin/contracts';
import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { dwellHistogram, firstHandOverHistogram, type Histogram, type Labels, type Metrics } from '@tocsin/observability';
import type { AttemptFacts } from './attempt-of.js';
import type { HeldItem } from './held-item.js';

interface LaneLabels {
  readonly lane: Labels;
  readonly handedOver: Labels;
  readonly accepted: Labels;
}

/** Times how long items waited here for their hand-over and for the provider's answer, and how long after its release an alert first left. */
export class Dwell {
  readonly #stages: Histogram;
  readonly #first: Histogram;
  /** By lane; made once, as they are needed for every item. */
  readonly #labels: ReadonlyMap<number, LaneLabels>;

  constructor(metrics: Metrics, channel: string) {
    const names = LANES.map((row) => row.name);
    this.#stages = dwellHistogram(metrics, ['handed-over', 'accepted'], names, [channel]);
    this.#first = firstHandOverHistogram(metrics, names, [channel]);
    this.#labels = new Map(
      LANES.map(({ lane, name }) => {
        const own = { channel, lane: name };
        return [lane, { lane: own, handedOver: { ...own, stage: 'handed-over' }, accepted: { ...own, stage: 'accepted' } }];
      }),
    );
  }

  /** Only what is an attempt's own: a retry waits for its due time, and what was left in doubt was handed over before. */
  recorded(item: HeldItem, { submittedAt, answeredAt, outcome }: AttemptFacts): void {
    const labels = this.#labels.get(item.lane);
    if (!labels || submittedAt === 0 || item.unanswered > 0) return;
    if (item.grantedAt > 0) this.#stages.observe(seconds(item.grantedAt, submittedAt), labels.handedOver);
    if (outcome === Outcome.ACCEPTED) this.#stages.observe(seconds(submittedAt, answeredAt), labels.accepted);
    if (item.n === 1 && item.frame.releasedAt > 0) this.#first.observe(seconds(item.frame.releasedAt, submittedAt), labels.lane);
  }
}

/** Two machines' clocks may differ by milliseconds: nothing took less than no time. */
function seconds(from: number, to: number): number {
  return Math.max(0, to - from) / 1_000;
}
