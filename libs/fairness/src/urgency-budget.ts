/** What a tenant may send in the most severe lane. */
export interface UrgencyRule {
  /** Cost units at once: one alert to everybody the tenant is there for. */
  readonly capacity: number;
  /** Cost units a second that come back. */
  readonly perSecond: number;
}

interface Account {
  level: number;
  /** Unix ms of the level. */
  at: number;
}

export type UrgencySnapshot = readonly (readonly [tenant: string, level: number, at: number])[];

/** Accounts looked at for forgetting at each charge: more than one, so that full ones go faster than new ones come. */
const SWEPT_AT_A_CHARGE = 2;

/**
 * Keeps urgency from being a loophole: a tenant's units in the most severe lane over any time T are at most capacity + perSecond x T + one item. The
 * caller serves what is beyond in `standard`, fairly among tenants there: later, never refused. Pure: Unix ms come in; a clock that steps back refills
 * nothing.
 */
export class UrgencyBudget {
  private readonly accounts = new Map<string, Account>();

  constructor(private readonly rule: UrgencyRule) {
    if (!(rule.capacity > 0) || !(rule.perSecond >= 0))
      throw new RangeError('an urgency budget needs a capacity above 0 and a refill of 0 or more');
  }

  /** Whether the tenant's next item, whatever its cost, may go in the most severe lane. */
  within(tenant: string, now: number): boolean {
    return this.level(tenant, now) > 0;
  }

  /** An item went there; the level may go into debt by it. A correction of its cost may be negative. */
  charge(tenant: string, cost: number, now: number): void {
    const level = Math.min(this.rule.capacity, this.level(tenant, now) - cost);
    const at = Math.max(now, this.accounts.get(tenant)?.at ?? -Infinity);
    // Behind all others: the first accounts are those charged longest ago.
    this.accounts.delete(tenant);
    this.accounts.set(tenant, { level, at });
    this.sweep(now);
  }

  /** ms until within again; 0 = now, Infinity = never. */
  waitMs(tenant: string, now: number): number {
    const level = this.level(tenant, now);
    return level > 0 ? 0 : ((1e-9 - level) / this.rule.perSecond) * 1_000;
  }

  /** Tenants that are not full; grows with them, not with all tenants. */
  snapshot(): UrgencySnapshot {
    return [...this.accounts].map(([tenant, { level, at }]) => [tenant, level, at] as const);
  }

  static restore(rule: UrgencyRule, snapshot: UrgencySnapshot): UrgencyBudget {
    const restored = new UrgencyBudget(rule);
    for (const [tenant, level, at] of snapshot) restored.accounts.set(tenant, { level, at });
    return restored;
  }

  private level(tenant: string, now: number): number {
    const account = this.accounts.get(tenant);
    if (!account) return this.rule.capacity;
    return Math.min(this.rule.capacity, account.level + (Math.max(0, now - account.at) * this.rule.perSecond) / 1_000);
  }

  private sweep(now: number): void {
    let looked = 0;
    for (const tenant of this.accounts.keys()) {
      if (looked++ === SWEPT_AT_A_CHARGE) return;
      if (this.level(tenant, now) >= this.rule.capacity) this.accounts.delete(tenant);
    }
  }
}
