/** Records remembered until they are read back: minutes of flushes. What is forgotten is read like anybody's. */
const MAX_REMEMBERED = 10_000;

/**
 * Event ids of the attempt records this instance has written. What they say was learnt when it happened, so that they need not be decoded again when every
 * instance reads the attempts of the channel (2 µs a message).
 */
export class OwnRecords {
  readonly #ids = new Set<string>();

  wrote(eventId: string): void {
    this.#ids.add(eventId);
    if (this.#ids.size <= MAX_REMEMBERED) return;
    const oldest = this.#ids.values().next();
    if (!oldest.done) this.#ids.delete(oldest.value);
  }

  /** Whether a record read is one of ours. */
  has(eventId: string): boolean {
    return this.#ids.has(eventId);
  }
}
