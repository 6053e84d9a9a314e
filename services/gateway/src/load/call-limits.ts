/** What is taken at the door of one instance. */
export interface CallLimits {
  /** Calls of one key at once. */
  readonly perKey: number;
  /** Calls of one tenant at once. */
  readonly perTenant: number;
  /** Calls of all tenants at once while answers are quick; the fewer, the slower they are, but never below `least`. */
  readonly all: number;
  readonly least: number;
  /** Units of one tenant a second, 1 = a point read. */
  readonly perSecond: number;
  /** Units of one tenant at once after a quiet while. */
  readonly burst: number;
}

/** Seconds of its rate that a tenant may use at once: a program that wakes up and reads its campaigns is no overload. */
export const BURST_SECONDS = 5;

/** Calls that always may run at once: below, even a platform that hardly answers would not be kept busy. */
export const LEAST_CALLS = 64;

/**
 * What a tenant has beyond its limits for the steps of an alert (draft, preview, approval, release, pause, resume, stop): once for campaigns known to be life-safety, and once more for those
 * this instance has not seen before, so that trying ids does not use up the first.
 */
export const RESERVE = {
  /** Calls at once: several people act on several alerts at the same time. */
  atOnce: 8,
  /** Calls at once after a quiet while: six alerts from draft to release. */
  burst: 30,
  /** Calls a second that come back: faster than people act, too slow for a program to live on. */
  perSecond: 1,
} as const;
