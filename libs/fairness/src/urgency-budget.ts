import { Allowances, type Allowance, type AllowancesSnapshot } from './allowances.js';

/** What a tenant may send in the most severe lane: `capacity` in cost units is one alert to everybody the tenant is there for. */
export type UrgencyRule = Allowance;

export type UrgencySnapshot = AllowancesSnapshot;

/**
 * Keeps urgency from being a loophole: a tenant's units in the most severe lane over any time T are at most capacity + perSecond x T + one item. The
 * caller serves what is beyond in `standard`, fairly among tenants there: later, never refused. One rule for all tenants; see Allowances.
 */
export class UrgencyBudget {
  private accounts = new Allowances();

  constructor(private readonly rule: UrgencyRule) {
    if (!(rule.capacity > 0) || !(rule.perSecond >= 0))
      throw new RangeError('an urgency budget needs a capacity above 0 and a refill of 0 or more');
  }

  /** Whether the tenant's next item, whatever its cost, may go in the most severe lane. */
  within(tenant: string, now: number): boolean {
    return this.accounts.within(tenant, this.rule, now);
  }

  /** An item went there; the account may be overdrawn by it. A correction of its cost may be negative. */
  charge(tenant: string, cost: number, now: number): void {
    this.accounts.charge(tenant, this.rule, cost, now);
  }

  /** ms until within again; 0 = now, Infinity = never. */
  waitMs(tenant: string, now: number): number {
    return this.accounts.waitMs(tenant, this.rule, now);
  }

  /** Tenants that have used some; grows with them, not with all tenants. */
  snapshot(): UrgencySnapshot {
    return this.accounts.snapshot();
  }

  static restore(rule: UrgencyRule, snapshot: UrgencySnapshot): UrgencyBudget {
    const restored = new UrgencyBudget(rule);
    restored.accounts = Allowances.restore(snapshot);
    return restored;
  }
}
