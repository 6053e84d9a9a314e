/** Part of a second's rate that may go at once; a per-second counter makes an urgent message wait 890 ms, a bucket 2 ms (measured). */
const BURST_PART = 0.01;
/**
 * Seconds of the rate that lateness does not lose: a timer fires a millisecond late, a collection takes ten. Made good at CATCH_UP times the rate, never
 * at once. One item and 1.2 % a bucket: four instances, each at a quarter of 500/s and each late, stay below the rate and 2 % in any sliding second.
 */
const LATE_SECONDS = 0.012;
/** How much faster than the rate what was lost to lateness is made good; lateness of a third of the interval between two items costs nothing. */
const CATCH_UP = 1.5;
/** ms from standing still to the full rate after throttling answers. */
const RECOVERY_MS = 4_000;
/** Answers to one burst arrive together and count once, ms. */
const THROTTLE_MERGE_MS = 250;
/** The slowest a provider can make us by throttling, as part of the rate: below it we would not notice that it recovered. */
const MIN_FACTOR = 1 / 16;

/** What must be there before an item goes, whatever its cost: less would let two go at once where the burst is one item. Short of 1 by rounding errors. */
const UNIT = 1 - 1e-9;

/**
 * Continuous token bucket: a level in cost units that refills with time (monotonic ms, passed in) and may go into debt by one item. At once go at most
 * max(1 % of the rate, one item); in any time t at most rate x (t + 12 ms) and one item. Throttling halves the rate, which then recovers linearly.
 */
export class TokenBucket {
  #rate: number;
  #level: number;
  /** What may go at once; refills faster than the level does. */
  #burst: number;
  #factor = 1;
  #at: number;
  #throttledAt = -Infinity;

  /** Rate in cost units a second, 0 = nothing passes. */
  constructor(rate: number, now: number) {
    this.#rate = rate;
    this.#at = now;
    this.#level = this.#burst = this.#mostAtOnce();
  }

  setRate(rate: number, now: number): void {
    this.#advance(now);
    this.#rate = rate;
    this.#level = Math.min(this.#level, this.#most());
    this.#burst = Math.min(this.#burst, this.#mostAtOnce());
  }

  /** Cost units a second at this moment, throttling included. */
  rate(now: number): number {
    this.#advance(now);
    return this.#rate * this.#factor;
  }

  /** Seconds of its rate that the bucket holds: the fullest of several buckets is the one to take from. */
  fullness(now: number): number {
    this.#advance(now);
    return this.#rate > 0 ? this.#level / this.#rate : -Infinity;
  }

  /** Whether an item, whatever its cost, may go now. */
  ready(now: number): boolean {
    this.#advance(now);
    return this.#rate > 0 && this.#level >= UNIT && this.#burst >= UNIT;
  }

  /** Call only when ready; the level may become negative. */
  take(cost: number, now: number): void {
    this.#advance(now);
    this.#level -= cost;
    this.#burst -= cost;
  }

  /** An item that was taken did not go after all. */
  giveBack(cost: number): void {
    this.#level = Math.min(this.#level + cost, this.#most());
    this.#burst = Math.min(this.#burst + cost, this.#mostAtOnce());
  }

  /** ms until ready; Infinity at rate 0. Never less than needed at the rate of now, so a caller that waits it may have to ask once more. */
  waitMs(now: number): number {
    this.#advance(now);
    if (this.#rate <= 0) return Infinity;
    const missing = Math.max(UNIT - this.#level, (UNIT - this.#burst) / CATCH_UP);
    return missing <= 0 ? 0 : Math.max(1, (missing / (this.#rate * this.#factor)) * 1_000);
  }

  /** The provider asked to slow down: half the rate, and nothing of what was saved up. */
  throttle(now: number): void {
    this.#advance(now);
    if (now - this.#throttledAt < THROTTLE_MERGE_MS) return;
    this.#throttledAt = now;
    this.#factor = Math.max(MIN_FACTOR, this.#factor / 2);
    this.#level = Math.min(this.#level, 0);
    this.#burst = Math.min(this.#burst, 0);
  }

  #mostAtOnce(): number {
    return Math.max(this.#rate * BURST_PART, 1);
  }

  #most(): number {
    return 1 + this.#rate * LATE_SECONDS;
  }

  #advance(now: number): void {
    const elapsed = now - this.#at;
    if (elapsed <= 0) return;
    this.#at = now;
    const recovering = Math.min(elapsed, (1 - this.#factor) * RECOVERY_MS);
    const area = this.#factor * recovering + (recovering * recovering) / (2 * RECOVERY_MS) + (elapsed - recovering);
    this.#factor = Math.min(1, this.#factor + recovering / RECOVERY_MS);
    const refill = (this.#rate * area) / 1_000;
    this.#level = Math.min(this.#most(), this.#level + refill);
    this.#burst = Math.min(this.#mostAtOnce(), this.#burst + refill * CATCH_UP);
  }
}
