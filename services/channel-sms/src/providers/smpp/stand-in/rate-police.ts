/** Operators police with a little room, or every jitter of the network, and every late turn of our own event loop, would be punished. */
const TOLERANCE = 1.05;
const WINDOW_MS = 1_000;

/** At most `rate` a second over any sliding second, with 5 % of room. */
export class RatePolice {
  #times: number[] = [];
  #head = 0;
  #peak = 0;

  /** Most taken in any sliding second so far. */
  get peak(): number {
    return this.#peak;
  }

  /** Whether one more may be taken now (monotonic ms); counts it when so. */
  admit(now: number, rate: number): boolean {
    while ((this.#times[this.#head] ?? Infinity) <= now - WINDOW_MS) this.#head += 1;
    if (this.#head > 4_096) {
      this.#times = this.#times.slice(this.#head);
      this.#head = 0;
    }
    const taken = this.#times.length - this.#head;
    if (taken >= Math.max(1, rate * TOLERANCE)) return false;
    this.#times.push(now);
    this.#peak = Math.max(this.#peak, taken + 1);
    return true;
  }
}
