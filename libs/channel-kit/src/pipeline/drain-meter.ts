/** Seconds the drain rate is averaged over. */
const SECONDS = 3;
/** Round trips kept for the median. */
const SAMPLES = 101;

/** Cost units a second that providers took, and the median round trip, over the last moments; monotonic ms. */
export class DrainMeter {
  readonly #buckets = new Float64Array(SECONDS + 1);
  readonly #trips: number[] = [];
  #second = 0;
  #nextTrip = 0;

  drained(cost: number, now: number): void {
    this.#advance(now);
    const at = this.#second % this.#buckets.length;
    this.#buckets[at] = (this.#buckets[at] ?? 0) + cost;
  }

  roundTrip(ms: number): void {
    this.#trips[this.#nextTrip] = ms;
    this.#nextTrip = (this.#nextTrip + 1) % SAMPLES;
  }

  /** Over the last whole seconds and the running one. */
  rate(now: number): number {
    this.#advance(now);
    let sum = 0;
    for (const cost of this.#buckets) sum += cost;
    return sum / (SECONDS + (now % 1_000) / 1_000);
  }

  /** ms; 0 before the first. */
  medianRoundTrip(): number {
    if (this.#trips.length === 0) return 0;
    const sorted = [...this.#trips].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  }

  #advance(now: number): void {
    const second = Math.floor(now / 1_000);
    if (second === this.#second) return;
    const steps = Math.min(second - this.#second, this.#buckets.length);
    for (let step = 1; step <= steps; step++) this.#buckets[(second - steps + step) % this.#buckets.length] = 0;
    this.#second = second;
  }
}
