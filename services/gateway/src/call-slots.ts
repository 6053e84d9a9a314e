import { TocsinError } from '@tocsin/errors';

/** When a refused client may come back, ms: calls take some milliseconds, so a place is free by then. */
const RETRY_AFTER_MS = 200;

/** How much of something that nobody in particular asks for runs at once: sheds at the door, before anything is done for it. */
export class CallSlots {
  #running = 0;

  constructor(
    /** Works at once. */
    private readonly all: number,
  ) {}

  /** Takes a place; the answer gives it back, once. Throws RESOURCE_EXHAUSTED with when to retry. */
  take(): () => void {
    if (this.#running >= this.all) {
      throw new TocsinError('RESOURCE_EXHAUSTED', 'GATEWAY_BUSY', `The gateway already has ${this.all} of these running.`, {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    this.#running += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#running -= 1;
    };
  }

  running(): number {
    return this.#running;
  }
}
