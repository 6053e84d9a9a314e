/** Records of one generation; two of them are remembered: minutes of flushes. What is forgotten is read like anybody's. */
const MAX_REMEMBERED = 5_000;

/**
 * Event ids of the attempt records this instance has written. What they say was learnt when it happened, so that they need not be decoded again when every
 * instance reads the attempts of the channel (2 µs a message).
 */
export class OwnRecords {
  #latest = new Set<string>();
  /** Forgotten as a whole: a set that loses its oldest entry at each new one walks over all that it has lost. */
  #before: ReadonlySet<string> = new Set();

  wrote(eventId: string): void {
    if (this.#latest.size >= MAX_REMEMBERED) {
      this.#before = this.#latest;
      this.#latest = new Set();
    }
    this.#latest.add(eventId);
  }

  /** Whether a record read is one of ours. */
  has(eventId: string): boolean {
    return this.#latest.has(eventId) || this.#before.has(eventId);
  }
}
