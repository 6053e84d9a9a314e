import type { UnmatchedReceipt } from '@tocsin/contracts/deliveries/v1/attempts';

/** Receipts kept in memory until their attempt appears; the topic keeps all of them for 72 h. */
export const MAX_UNMATCHED = 50_000;

/** Receipts that came before their attempt was known, by "<provider>:<id>"; oldest evicted first. */
export class UnmatchedReceipts {
  readonly #receipts = new Map<string, UnmatchedReceipt[]>();
  #evicted = 0;

  get size(): number {
    return this.#receipts.size;
  }

  get evicted(): number {
    return this.#evicted;
  }

  add(receiptKey: string, receipt: UnmatchedReceipt): void {
    const known = this.#receipts.get(receiptKey);
    if (known) {
      // The last few say all there is: pending, then the end.
      known.push(receipt);
      if (known.length > 4) known.shift();
      return;
    }
    this.#receipts.set(receiptKey, [receipt]);
    if (this.#receipts.size <= MAX_UNMATCHED) return;
    const oldest = this.#receipts.keys().next();
    if (!oldest.done) this.#receipts.delete(oldest.value);
    this.#evicted += 1;
  }

  /** What waited for this attempt; forgotten by the call. */
  take(receiptKey: string): readonly UnmatchedReceipt[] {
    if (this.#receipts.size === 0) return [];
    const waiting = this.#receipts.get(receiptKey);
    if (!waiting) return [];
    this.#receipts.delete(receiptKey);
    return waiting;
  }
}
