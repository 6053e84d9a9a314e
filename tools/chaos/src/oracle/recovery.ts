import { quantile, type SmsTaken } from './pauses.js';

/** A rate is taken over so much, ms: longer than what a provider's throttle and the flush of a file make uneven. */
const WINDOW_MS = 5_000;
const STEP_MS = 250;
/** Part of the rate before at which a send counts as whole again. */
const WHOLE = 0.95;

export interface Recovery {
  /** SMS a second in the 15 s before. */
  readonly rateBefore: number;
  /** From the fault to the first SMS taken after it, ms; undefined = none was. */
  readonly firstAfterMs: number | undefined;
  /** From the fault to the begin of the first 5 s that bring 95 % of the rate before and that no worse 5 s follow while the fault lasts, ms; undefined = never. */
  readonly wholeAfterMs: number | undefined;
}

/** Before is looked at so long, ms. */
const BEFORE_MS = 15_000;

/** How a send came back after `at` (Unix ms), judged until `until` by what a provider took. */
export function recoveryOf(sms: readonly SmsTaken[], at: number, until: number): Recovery {
  const stamps = sms.map((one) => one.at).toSorted((a, b) => a - b);
  const within = (from: number, to: number): number => indexOf(stamps, to) - indexOf(stamps, from);
  const rateBefore = within(at - BEFORE_MS, at) / (BEFORE_MS / 1_000);
  const first = stamps[indexOf(stamps, at)];
  const wanted = (rateBefore * WHOLE * WINDOW_MS) / 1_000;
  let wholeAt: number | undefined;
  for (let from = at; from + WINDOW_MS <= until; from += STEP_MS) {
    const whole = within(from, from + WINDOW_MS) >= wanted;
    if (!whole) wholeAt = undefined;
    else wholeAt ??= from;
  }
  return {
    rateBefore: Math.round(rateBefore),
    firstAfterMs: first === undefined ? undefined : first - at,
    wholeAfterMs: wholeAt === undefined ? undefined : wholeAt - at,
  };
}

/** From release to the last SMS and mail of each campaign released in [from, to), ms: 0.5 and 0.99 of them. */
export function latencies(
  campaigns: readonly { readonly calledAt: number; readonly lastAt: number }[],
  from: number,
  to: number,
): { readonly campaigns: number; readonly p50: number; readonly p99: number } {
  const all = campaigns.filter(({ calledAt }) => calledAt >= from && calledAt < to).map(({ calledAt, lastAt }) => lastAt - calledAt);
  return { campaigns: all.length, p50: quantile(all, 0.5), p99: quantile(all, 0.99) };
}

/** Index of the first stamp at or after a moment. */
function indexOf(stamps: readonly number[], moment: number): number {
  let low = 0;
  let high = stamps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stamps[middle] ?? 0) < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}
