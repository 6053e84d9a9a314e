/** Acceptances a second: over the whole run, and in the fullest second of it. */
export interface AchievedRate {
  readonly mean: number;
  readonly peak: number;
}

const SECOND_MS = 1_000;

/** From stamps in Unix ms, in any order. */
export function achievedRate(stamps: readonly number[]): AchievedRate {
  const sorted = stamps.toSorted((a, b) => a - b);
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return { mean: 0, peak: 0 };
  const seconds = Math.max(1, (last - first) / SECOND_MS);
  return { mean: round(sorted.length / seconds), peak: fullestSecond(sorted) };
}

/** Any window of one second, not only those that begin with the clock's. */
function fullestSecond(sorted: readonly number[]): number {
  let peak = 0;
  let from = 0;
  sorted.forEach((stamp, index) => {
    while ((sorted[from] ?? stamp) <= stamp - SECOND_MS) from += 1;
    peak = Math.max(peak, index - from + 1);
  });
  return peak;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
