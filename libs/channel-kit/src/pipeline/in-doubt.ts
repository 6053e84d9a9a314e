import type { HeldItem } from './held-item.js';

/**
 * Items of one share that may be submitted without an acknowledged attempt: what one crash can send twice. At 500/s over four shares it covers half a
 * second of round trip, flush and Kafka, five times what is measured.
 */
export const IN_DOUBT_CAP_PER_SHARE = 64;

/** Counts W, the in-doubt window of the guarantees, per share. */
export class InDoubt {
  /** By share. */
  readonly #counts: number[] = [];
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** Whether one item more of a share may be in doubt; bound, as it is handed on for every item. */
  readonly may = (share: number): boolean => (this.#counts[share] ?? 0) < IN_DOUBT_CAP_PER_SHARE;

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
    this.#counts[share] = (this.#counts[share] ?? 0) + by;
    this.#total += by;
  }
}
