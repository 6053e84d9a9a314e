import { TocsinError } from '@tocsin/errors';

/** When a refused client may come back, ms: calls take some milliseconds, so a place is free by then. */
const RETRY_AFTER_MS = 200;

/** How much runs at once: sheds at the door, before anything is done for a call. */
export class CallSlots {
  readonly #running = new Map<string, number>();
  #total = 0;

  constructor(
    /** Calls of one holder at once. */
    private readonly perHolder: number,
    /** Calls of all at once. */
    private readonly all: number,
  ) {}

  /** Takes a place; the answer gives it back, once. Throws RESOURCE_EXHAUSTED with when to retry. */
  take(holder: string): () => void {
    const running = this.#running.get(holder) ?? 0;
    if (running >= this.perHolder) throw exhausted('KEY_BUSY', `This key already has ${this.perHolder} such calls running.`);
    if (this.#total >= this.all) throw exhausted('GATEWAY_BUSY', `The gateway already has ${this.all} calls running.`);
    this.#running.set(holder, running + 1);
    this.#total += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#total -= 1;
      const left = (this.#running.get(holder) ?? 1) - 1;
      if (left === 0) this.#running.delete(holder);
      else this.#running.set(holder, left);
    };
  }

  running(): number {
    return this.#total;
  }
}

function exhausted(reason: string, message: string): TocsinError {
  return new TocsinError('RESOURCE_EXHAUSTED', reason, message, { retryAfterMs: RETRY_AFTER_MS });
}
