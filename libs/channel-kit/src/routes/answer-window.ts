/** Seconds of answers a route is judged by, and how far back it is looked for as many as it takes: a route with little traffic is judged by older ones. */
const SECONDS = 10;
const SECONDS_BACK = 60;

/** Answers it takes to judge. */
export const MIN_JUDGED = 5;

/** How many of the last answers were as they should be, and how many slow or failed; monotonic ms are passed in. */
export class AnswerWindow {
  readonly #fine = new Uint32Array(SECONDS_BACK);
  readonly #poor = new Uint32Array(SECONDS_BACK);
  #second = 0;

  add(poor: boolean, now: number): void {
    this.#advance(now);
    const counts = poor ? this.#poor : this.#fine;
    const at = this.#second % SECONDS_BACK;
    counts[at] = (counts[at] ?? 0) + 1;
  }

  counts(now: number): { readonly fine: number; readonly poor: number } {
    this.#advance(now);
    let [fine, poor] = [0, 0];
    for (let back = 0; back < SECONDS_BACK && (back < SECONDS || fine + poor < MIN_JUDGED); back++) {
      const at = (this.#second - back + SECONDS_BACK) % SECONDS_BACK;
      [fine, poor] = [fine + (this.#fine[at] ?? 0), poor + (this.#poor[at] ?? 0)];
    }
    return { fine, poor };
  }

  /** What was is no evidence any more. */
  clear(): void {
    this.#fine.fill(0);
    this.#poor.fill(0);
  }

  #advance(now: number): void {
    const second = Math.floor(now / 1_000);
    const steps = Math.min(second - this.#second, SECONDS_BACK);
    for (let step = 0; step < steps; step++) {
      const at = (second - step) % SECONDS_BACK;
      this.#fine[at] = this.#poor[at] = 0;
    }
    if (steps > 0) this.#second = second;
  }
}
