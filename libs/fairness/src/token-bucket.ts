/** Part of a second's rate that may go at once; a per-second counter makes an urgent message wait 890 ms, a bucket 2 ms (measured). */
const BURST_PART = 0.01;
/** ms from standing still to the full rate after throttling answers. */
const RECOVERY_MS = 4_000;
/** Answers to one burst arrive together and count once, ms. */
const THROTTLE_MERGE_MS = 250;
/** The slowest a provider can make us by throttling, as part of the rate: below it we would not notice that it recovered. */
const MIN_FACTOR = 1 / 16;

/** What must be there before an item goes, whatever its cost: less would let two go at once where the burst is one item. Short of 1 by rounding errors. */
const UNIT = 1 - 1e-9;

/**
 * Continuous token bucket: a level in cost units that refills with time (monotonic ms, passed in) and may go into debt by one item. Bursts hold at
 * most max(1 % of the rate, one item). Throttling halves the rate, which then recovers linearly.
 */
export class TokenBucket {
  #rate: number;
  #level: number;
  #factor = 1;
  #at: number;
  #throttledAt = -Infinity;

  /** Rate in cost units a second, 0 = nothing passes. */
  constructor(rate: number, now: number) {
    this.#rate = rate;
    this.#at = now;
    this.#level = this.#burst();
  }

  setRate(rate: number, now: number): void {
    this.#advance(now);
    this.#rate = rate;
    this.#level = Math.min(this.#level, this.#burst());
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
    return this.#rate > 0 && this.#level >= UNIT;
  }

  /** Call only when ready; the level may become negative. */
  take(cost: number, now: number): void {
    this.#advance(now);
    this.#level -= cost;
  }

  /** An item that was taken did not go after all. */
  giveBack(cost: number): void {
    this.#level = Math.min(this.#level + cost, this.#burst());
  }

  /** ms until ready; Infinity at rate 0. Never less than needed at the rate of now, so a caller that waits it may have to ask once more. */
  waitMs(now: number): number {
    this.#advance(now);
    if (this.#rate <= 0) return Infinity;
    if (this.#level >= UNIT) return 0;
    return Math.max(1, ((UNIT - this.#level) / (this.#rate * this.#factor)) * 1_000);
  }

  /** The provider asked to slow down: half the rate, and nothing of what was saved up. */
  throttle(now: number): void {
    this.#advance(now);
    if (now - this.#throttledAt < THROTTLE_MERGE_MS) return;
    this.#throttledAt = now;
    this.#factor = Math.max(MIN_FACTOR, this.#factor / 2);
    this.#level = Math.min(this.#level, 0);
  }

  #burst(): number {
    return Math.max(this.#rate * BURST_PART, 1);
  }

  #advance(now: number): void {
    const elapsed = now - this.#at;
    if (elapsed <= 0) return;
    this.#at = now;
    const recovering = Math.min(elapsed, (1 - this.#factor) * RECOVERY_MS);
    const area = this.#factor * recovering + (recovering * recovering) / (2 * RECOVERY_MS) + (elapsed - recovering);
    this.#factor = Math.min(1, this.#factor + recovering / RECOVERY_MS);
    this.#level = Math.min(this.#burst(), this.#level + (this.#rate * area) / 1_000);
  }
}
