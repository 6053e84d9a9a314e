/** How much of something may be used: `capacity` at once, and `perSecond` flows back continuously. */
export interface Allowance {
  /** Units, above 0; one item may go beyond it. */
  readonly capacity: number;
  /** Units a second, 0 or more. */
  readonly perSecond: number;
}

interface Account {
  /** Units used and not yet flowed back. */
  used: number;
  /** Unix ms of `used`. */
  at: number;
  /** Of the last charge: says when nothing is left to remember. */
  perSecond: number;
}

export type AllowancesSnapshot = readonly (readonly [key: string, used: number, at: number, perSecond: number])[];

/** Accounts looked at for forgetting at each charge: more than one, so that empty ones go faster than new ones come. */
const SWEPT_AT_A_CHARGE = 2;
/** Units below which an account counts as empty: rounding, not use. */
const NOTHING = 1e-9;

/**
 * Accounts that fill by use and empty with time: over any time T at most capacity + perSecond x T + one item goes through each. What is beyond has to
 * wait, which is for the caller to arrange. The rule comes in with each question, so it may change while an account is in use; what was used stays
 * used. Pure: Unix ms come in, and a clock that steps back gives nothing back.
 */
export class Allowances {
  private readonly accounts = new Map<string, Account>();

  /** Whether the next item, whatever its cost, may go. */
  within(key: string, { capacity, perSecond }: Allowance, now: number): boolean {
    return this.used(key, perSecond, now) < capacity - NOTHING;
  }

  /** An item went: the account may be overdrawn by it. A negative cost gives back what an item did not use after all. */
  charge(key: string, { perSecond }: Allowance, cost: number, now: number): void {
    const used = Math.max(0, this.used(key, perSecond, now) + cost);
    const at = Math.max(now, this.accounts.get(key)?.at ?? -Infinity);
    // Behind all others: the first accounts are those charged longest ago.
    this.accounts.delete(key);
    this.accounts.set(key, { used, at, perSecond });
    this.sweep(now);
  }

  /** As charge, but never beyond what is allowed: for what must go whatever its account says, and shall not make others pay a debt. */
  drain(key: string, rule: Allowance, cost: number, now: number): void {
    const left = Math.max(0, rule.capacity - this.used(key, rule.perSecond, now));
    if (left > 0) this.charge(key, rule, Math.min(left, cost), now);
  }

  /** Units that may go at once; 0 where it is used up or overdrawn. */
  left(key: string, { capacity, perSecond }: Allowance, now: number): number {
    return Math.max(0, capacity - this.used(key, perSecond, now));
  }

  /** ms until within; 0 = now, Infinity = never. Never less than needed, so who waits it need not ask twice. */
  waitMs(key: string, rule: Allowance, now: number): number {
    const { capacity, perSecond } = rule;
    if (this.within(key, rule, now)) return 0;
    const account = this.accounts.get(key);
    // After a step back nothing flows until the clock is where it was.
    const stepped = Math.max(0, (account?.at ?? now) - now);
    return stepped + ((this.used(key, perSecond, now) - capacity + 2 * NOTHING) / perSecond) * 1_000;
  }

  forget(key: string): void {
    this.accounts.delete(key);
  }

  /** Accounts in use; grows with them, not with all keys. */
  snapshot(): AllowancesSnapshot {
    return [...this.accounts].map(([key, { used, at, perSecond }]) => [key, used, at, perSecond] as const);
  }

  static restore(snapshot: AllowancesSnapshot): Allowances {
    const restored = new Allowances();
    for (const [key, used, at, perSecond] of snapshot) restored.accounts.set(key, { used, at, perSecond });
    return restored;
  }

  private used(key: string, perSecond: number, now: number): number {
    const account = this.accounts.get(key);
    return account ? Math.max(0, account.used - (Math.max(0, now - account.at) * perSecond) / 1_000) : 0;
  }

  private sweep(now: number): void {
    let looked = 0;
    for (const [key, { perSecond }] of this.accounts) {
      if (looked++ === SWEPT_AT_A_CHARGE) return;
      if (this.used(key, perSecond, now) <= NOTHING) this.accounts.delete(key);
    }
  }
}
