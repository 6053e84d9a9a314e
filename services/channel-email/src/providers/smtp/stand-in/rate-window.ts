/** Milliseconds a provider looks back when it counts what it took. */
const WINDOW_MS = 1000;
/**
 * Part of the rate taken above it within one window. A real relay counts with a little slack too; here two shared cores delay a burst by up to 100 ms,
 * and without slack a sender paced exactly at the rate would be throttled for the machine's sake.
 */
const SLACK = 0.1;

/** A sliding window over the last acceptances: exact, in constant time and with one number kept for each mail of the window. */
export class RateWindow {
  #stamps = new Float64Array(1);
  #next = 0;

  constructor(rate: number) {
    this.setRate(rate);
  }

  /** Mails a second, at least one in any window. */
  setRate(rate: number): void {
    this.#stamps = new Float64Array(Math.max(1, Math.floor(rate * (1 + SLACK)))).fill(-Infinity);
    this.#next = 0;
  }

  /** Whether one more may be taken at this moment (ms of a monotonic clock). */
  hasRoom(now: number): boolean {
    return now - (this.#stamps[this.#next] ?? -Infinity) >= WINDOW_MS;
  }

  /** Counts one as taken, if there is room. */
  take(now: number): boolean {
    if (!this.hasRoom(now)) return false;
    this.#stamps[this.#next] = now;
    this.#next = (this.#next + 1) % this.#stamps.length;
    return true;
  }
}
