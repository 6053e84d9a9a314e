/** Highest scheduler epoch seen on each partition: what lies behind it with a lower one was written by a scheduler that no longer owns the channel. */
export class Fences {
  readonly #epochs = new Map<string, number>();

  /** False: drop the record. A record of a new epoch is a fence too, since its scheduler fenced before it granted. */
  admits(topic: string, partition: number, epoch: number): boolean {
    const key = `${topic}/${partition}`;
    const known = this.#epochs.get(key) ?? 0;
    if (epoch < known) return false;
    if (epoch > known) this.#epochs.set(key, epoch);
    return true;
  }

  /** After a re-join partitions are read again from their committed offset, older epochs included. */
  clear(): void {
    this.#epochs.clear();
  }
}
