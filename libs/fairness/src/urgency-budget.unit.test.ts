import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UrgencyBudget, type UrgencyRule } from './urgency-budget.js';

type MakeBudget = new (rule: UrgencyRule) => UrgencyBudget;

const MAX_COST = 6;

/** Whatever a tenant asks and when: in every interval its urgent units are at most capacity + refill x time + one item; the rest of the tenants notice nothing. */
function budgetHolds(Budget: MakeBudget): void {
  const ask = fc.record({ after: fc.integer({ min: 0, max: 5_000 }), cost: fc.integer({ min: 1, max: MAX_COST }) });
  const rule = fc.record({ capacity: fc.integer({ min: 1, max: 50 }), perSecond: fc.integer({ min: 0, max: 5 }) });
  fc.assert(
    fc.property(rule, fc.array(ask, { minLength: 10, maxLength: 120 }), ({ capacity, perSecond }, asks) => {
      const budget = new Budget({ capacity, perSecond });
      const sent: { at: number; cost: number }[] = [];
      let now = 0;
      for (const { after, cost } of asks) {
        now += after;
        if (!budget.within('loud', now)) continue;
        budget.charge('loud', cost, now);
        sent.push({ at: now, cost });
        let units = 0;
        for (const one of sent.toReversed()) {
          units += one.cost;
          if (units > capacity + ((now - one.at) / 1_000) * perSecond + MAX_COST + 1e-6) throw new Error(`${units} units since ${one.at}`);
        }
        if (!budget.within('quiet', now)) throw new Error('one tenant spent the budget of another');
      }
    }),
    { seed: 61, numRuns: 200 },
  );
}

class NeverCharges extends UrgencyBudget {
  override charge(): void {
    // Everything is urgent.
  }
}

class OneForAll extends UrgencyBudget {
  override within(_tenant: string, now: number): boolean {
    return super.within('all', now);
  }

  override charge(_tenant: string, cost: number, now: number): void {
    super.charge('all', cost, now);
  }
}

class CountsAlerts extends UrgencyBudget {
  override charge(tenant: string, _cost: number, now: number): void {
    super.charge(tenant, 1, now);
  }
}

describe('urgency budget', () => {
  it('bounds what a tenant sends in the most severe lane over any time, and no other tenant', () => {
    expect(() => budgetHolds(UrgencyBudget)).not.toThrow();
  });

  it.each([NeverCharges, OneForAll, CountsAlerts])('a broken one is noticed: %o', (Budget) => {
    expect(() => budgetHolds(Budget)).toThrow(/Property failed after/);
  });

  it('says when it is within again', () => {
    const budget = new UrgencyBudget({ capacity: 10, perSecond: 2 });
    budget.charge('t', 16, 1_000);
    expect(budget.waitMs('t', 1_000)).toBeCloseTo(3_000);
    expect([budget.within('t', 3_900), budget.within('t', 4_001)]).toEqual([false, true]);
  });

  it('refills nothing when the clock steps back, and goes on alike after a snapshot', () => {
    const budget = new UrgencyBudget({ capacity: 10, perSecond: 1 });
    budget.charge('t', 10, 10_000);
    budget.charge('t', 1, 5_000);
    const twin = UrgencyBudget.restore({ capacity: 10, perSecond: 1 }, budget.snapshot());
    for (const now of [5_000, 10_000, 10_900, 11_100]) {
      expect(budget.within('t', now)).toBe(now > 11_000);
      expect(twin.within('t', now)).toBe(budget.within('t', now));
    }
  });

  it('forgets tenants that are full again', () => {
    const budget = new UrgencyBudget({ capacity: 1, perSecond: 1 });
    for (let tenant = 0; tenant < 1_000; tenant++) budget.charge(`t${tenant}`, 1, tenant * 500);
    expect(budget.snapshot().length).toBeLessThanOrEqual(4);
  });
});
