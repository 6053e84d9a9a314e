/** ms a slot of the wheel covers. */
const SLOT_MS = 50;

/** Calls back later, with one timer for all: what is due in the same 50 ms goes together. */
export class ReceiptWheel {
  readonly #slots = new Map<number, (() => void)[]>();
  readonly #timer: NodeJS.Timeout;
  #done = Math.floor(performance.now() / SLOT_MS);

  constructor() {
    this.#timer = setInterval(() => this.#turn(), SLOT_MS);
  }

  after(ms: number, run: () => void): void {
    const slot = Math.max(this.#done + 1, Math.floor((performance.now() + ms) / SLOT_MS));
    const waiting = this.#slots.get(slot);
    if (waiting) waiting.push(run);
    else this.#slots.set(slot, [run]);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #turn(): void {
    const now = Math.floor(performance.now() / SLOT_MS);
    for (; this.#done < now; this.#done++) {
      const slot = this.#done + 1;
      for (const run of this.#slots.get(slot) ?? []) run();
      this.#slots.delete(slot);
    }
  }
}
