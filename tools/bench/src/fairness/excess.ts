import { fluidCompletion } from '@tocsin/fairness';
import { hundredths, quantile } from '../world/statistics.js';

/** A commune is allowed this part of its ideal time, or these ms, beyond the ideal (issue 5). */
export const ALLOWED_PART = 0.1;
export const ALLOWED_MS = 300;

/** A campaign as it was released and as the provider saw it. */
export interface SeenCampaign {
  readonly id: string;
  /** Unix ms of the release call: everything after it counts as waiting, the API included. */
  readonly calledAt: number;
  /** Cost units of the whole campaign. */
  readonly units: number;
  readonly weight: number;
  /** Unix ms at which the provider took its first unit. */
  readonly firstAt: number | undefined;
  /** Unix ms at which the provider took its last unit; undefined = not while it was watched. */
  readonly completedAt: number | undefined;
}

export interface Excess {
  readonly units: number;
  /** From the release call to the fluid ideal's end, ms. */
  readonly idealMs: number;
  /** From the release call to the provider's last acceptance, ms. */
  readonly tookMs: number;
  /** From the release call to the provider's first acceptance, ms: API, planning and the first way through the loop. */
  readonly firstMs: number;
  readonly excessMs: number;
  /** Excess / max(10 % of the ideal, 300 ms): 1 or less = within what is allowed. */
  readonly ofAllowed: number;
}

/** Of each watched campaign that was completed; the ideal shares `rate` (units a second) continuously among all of them and the backgrounds. */
export function excesses(watched: readonly SeenCampaign[], beside: readonly SeenCampaign[], rate: number): readonly Excess[] {
  const flows = [...watched, ...beside].map(({ id, calledAt, units, weight }) => ({ id, at: calledAt, amount: units, weight }));
  const ideal = fluidCompletion(flows, rate);
  return watched.flatMap(({ id, calledAt, units, firstAt, completedAt }) => {
    const end = ideal.get(id);
    if (end === undefined || completedAt === undefined || firstAt === undefined) return [];
    const [idealMs, excessMs] = [end - calledAt, completedAt - end];
    const ofAllowed = excessMs / Math.max(ALLOWED_PART * idealMs, ALLOWED_MS);
    return [{ units, idealMs, tookMs: completedAt - calledAt, firstMs: firstAt - calledAt, excessMs, ofAllowed }];
  });
}

export interface ExcessFigures {
  readonly samples: number;
  readonly idealMsP50: number;
  readonly tookMsP50: number;
  readonly firstMsP50: number;
  readonly firstMsP99: number;
  readonly excessMsP50: number;
  readonly excessMsP99: number;
  readonly excessMsMax: number;
  /** p99 and greatest of excess / max(10 % of ideal, 300 ms). */
  readonly ofAllowedP99: number;
  readonly ofAllowedMax: number;
}

export function excessFigures(all: readonly Excess[]): ExcessFigures {
  const of = (figure: (one: Excess) => number, part: number): number => quantile(all.map(figure), part);
  return {
    samples: all.length,
    idealMsP50: Math.round(of(({ idealMs }) => idealMs, 0.5)),
    tookMsP50: Math.round(of(({ tookMs }) => tookMs, 0.5)),
    firstMsP50: Math.round(of(({ firstMs }) => firstMs, 0.5)),
    firstMsP99: Math.round(of(({ firstMs }) => firstMs, 0.99)),
    excessMsP50: Math.round(of(({ excessMs }) => excessMs, 0.5)),
    excessMsP99: Math.round(of(({ excessMs }) => excessMs, 0.99)),
    excessMsMax: Math.round(of(({ excessMs }) => excessMs, 1)),
    ofAllowedP99: hundredths(of(({ ofAllowed }) => ofAllowed, 0.99)),
    ofAllowedMax: hundredths(of(({ ofAllowed }) => ofAllowed, 1)),
  };
}
