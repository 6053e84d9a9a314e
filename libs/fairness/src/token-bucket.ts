/** Part of a second's rate that may leave at once; a per-second counter would make an urgent item wait 890 ms, this 2 ms. */
const BURST_SECONDS = 0.01;
/** Units the bucket holds at least: one item. */
const MIN_BURST = 1;
/** The rate never falls below this part of the configured one, however often the provider says "slow down". */
const MIN_FACTOR = 1 / 16;
/** Part of the configured rate regained each second after a throttle: half is back in 5 s. */
const RECOVERY_PER_SECOND = 0.1;

/** A continuous pace as plain data: what may leave and when. */
export interface Bucket {
  /** Units a second when nothing throttles. */
  readonly rate: number;
  /** Units that may leave now; negative = debt. */
  readonly tokens: number;
  /** Part of the rate in force at `at`, 1/16 to 1. */
  readonly factor: number;
  /** Milliseconds of the caller's monotonic clock. */
  readonly at: number;
}

/** Full bucket; rate in units a second, 0 = closed. */
export function openBucket(rate: number, now: number): Bucket {
  return { rate, tokens: burstOf(rate), factor: 1, at: now };
}

/** Units it holds at most. */
export function burstOf(rate: number): number {
  return Math.max(rate * BURST_SECONDS, MIN_BURST);
}

/** Milliseconds until an item of `cost` units may leave: 0 = now, Infinity = closed. An item larger than the bucket leaves when it is full, on debt. */
export function waitFor(bucket: Bucket, cost: number, now: number): number {
  const current = advance(bucket, now);
  const missing = Math.min(cost, burstOf(bucket.rate)) - current.tokens;
  // A missing billionth is rounding, not debt.
  if (missing <= 1e-9) return 0;
  if (bucket.rate <= 0) return Infinity;
  return secondsToEarn(missing / bucket.rate, current.factor) * 1000;
}

/** Takes an item; the caller has asked waitFor. Debt is at most one item. */
export function take(bucket: Bucket, cost: number, now: number): Bucket {
  const current = advance(bucket, now);
  return { ...current, tokens: current.tokens - cost };
}

/** The provider asked to slow down: half the pace, nothing at once, recovering with time. */
export function throttle(bucket: Bucket, now: number): Bucket {
  const current = advance(bucket, now);
  return { ...current, factor: Math.max(current.factor / 2, MIN_FACTOR), tokens: Math.min(current.tokens, 0) };
}

/** Another rate from now on (shares moved); debt and throttling stay. */
export function setRate(bucket: Bucket, rate: number, now: number): Bucket {
  const current = advance(bucket, now);
  return { ...current, rate, tokens: Math.min(current.tokens, burstOf(rate)) };
}

/** Units a second in force. */
export function paceOf(bucket: Bucket, now: number): number {
  const current = advance(bucket, now);
  return current.rate * current.factor;
}

function advance(bucket: Bucket, now: number): Bucket {
  const seconds = Math.max(0, now - bucket.at) / 1000;
  if (seconds === 0) return bucket;
  const climbing = Math.min(seconds, (1 - bucket.factor) / RECOVERY_PER_SECOND);
  const factor = climbing < seconds ? 1 : bucket.factor + climbing * RECOVERY_PER_SECOND;
  const earned =
    bucket.rate * ((climbing * (bucket.factor + Math.min(1, bucket.factor + climbing * RECOVERY_PER_SECOND))) / 2 + (seconds - climbing));
  return { rate: bucket.rate, tokens: Math.min(bucket.tokens + earned, burstOf(bucket.rate)), factor, at: now };
}

/** Seconds until `full` seconds' worth of the whole rate has been earned, starting at `factor` and recovering. */
function secondsToEarn(full: number, factor: number): number {
  const climb = (1 - factor) / RECOVERY_PER_SECOND;
  const earnedClimbing = (climb * (factor + 1)) / 2;
  if (full >= earnedClimbing) return climb + (full - earnedClimbing);
  // factor * t + RECOVERY / 2 * t^2 = full
  return (-factor + Math.sqrt(factor * factor + 2 * RECOVERY_PER_SECOND * full)) / RECOVERY_PER_SECOND;
}
