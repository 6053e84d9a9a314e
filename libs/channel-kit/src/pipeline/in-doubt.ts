import type { HeldItem } from './held-item.js';

/**
 * Items of one share that may be submitted without an acknowledged attempt: what one crash can send twice. At 500/s over four shares it covers half a
 * second of round trip, flush and Kafka, five times what is measured.
 */
export const IN_DOUBT_CAP_PER_SHARE = 64;

/** Counts W, the in-doubt window of the guarantees, per share. */
export class InDoubt {
  readonly #counts = new Map<number, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  may(share: number): boolean {
    return (this.#counts.get(share) ?? 0) < IN_DOUBT_CAP_PER_SHARE;
  }

  enter(item: HeldItem): void {
    if (item.inDoubt) return;
    item.inDoubt = true;
    this.#add(item.share, 1);
  }

  leave(item: HeldItem): void {
    if (!item.inDoubt) return;
    item.inDoubt = false;
    this.#add(item.share, -1);
  }

  #add(share: number, by: number): void {
    this.#counts.set(share, (this.#counts.get(share) ?? 0) + by);
    this.#total += by;
  }
}
