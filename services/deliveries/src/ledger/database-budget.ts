/** ms of database time that may be spent at once after a quiet while: an alert's release waits behind it (at 200 its p97 was 55 ms beside a storm of receipts, at 30 37 ms). */
const BURST_MS = 30;
/** ms charged for one write at most: a store that others keep busy slows the ledger down, it does not stop it (25 writes/s at 20 %). */
const MAX_CHARGE_MS = 8;

/** Bounds the ledger's writes to a share of the database's time: refills with the clock, each write is charged what it took. */
export class DatabaseBudget {
  private left = BURST_MS;
  private at = -Infinity;

  /** `share`: 0 to 1. */
  constructor(private readonly share: number) {}

  /** Whether a write may start at this monotonic ms. */
  allows(now: number): boolean {
    if (this.at !== -Infinity) this.left = Math.min(BURST_MS, this.left + (now - this.at) * this.share);
    this.at = now;
    return this.left > 0;
  }

  charge(ms: number): void {
    this.left -= Math.min(MAX_CHARGE_MS, ms);
  }
}
