import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Allowances, type Allowance } from './allowances.js';

type MakeAccounts = new () => Allowances;

const MAX_COST = 6;

/** Whatever a tenant asks and when: in every interval what goes is at most capacity + perSecond x time + one item; the rest of the tenants notice nothing. */
function allowanceHolds(Accounts: MakeAccounts): void {
  const ask = fc.record({ after: fc.integer({ min: 0, max: 5_000 }), cost: fc.integer({ min: 1, max: MAX_COST }) });
  const rules = fc.record({ capacity: fc.integer({ min: 1, max: 50 }), perSecond: fc.integer({ min: 0, max: 5 }) });
  fc.assert(
    fc.property(rules, fc.array(ask, { minLength: 10, maxLength: 120 }), (rule, asks) => {
      const { capacity, perSecond } = rule;
      const accounts = new Accounts();
      const sent: { at: number; cost: number }[] = [];
      let now = 0;
      for (const { after, cost } of asks) {
        now += after;
        if (!accounts.within('loud', rule, now)) continue;
        accounts.charge('loud', rule, cost, now);
        sent.push({ at: now, cost });
        let units = 0;
        for (const one of sent.toReversed()) {
          units += one.cost;
          if (units > capacity + ((now - one.at) / 1_000) * perSecond + MAX_COST + 1e-6) throw new Error(`${units} units since ${one.at}`);
        }
        if (!accounts.within('quiet', rule, now)) throw new Error('one tenant spent the allowance of another');
      }
    }),
    { seed: 61, numRuns: 200 },
  );
}

class NeverCharges extends Allowances {
  override charge(): void {
    // Nothing is used.
  }
}

class OneForAll extends Allowances {
  override within(_key: string, rule: Allowance, now: number): boolean {
    return super.within('all', rule, now);
  }

  override charge(_key: string, rule: Allowance, cost: number, now: number): void {
    super.charge('all', rule, cost, now);
  }
}

class CountsAlerts extends Allowances {
  override charge(key: string, rule: Allowance, _cost: number, now: number): void {
    super.charge(key, rule, 1, now);
  }
}

describe('what an allowance bounds', () => {
  it('is what a tenant sends over any time, and no other tenant', () => {
    expect(() => allowanceHolds(Allowances)).not.toThrow();
  });

  it.each([NeverCharges, OneForAll, CountsAlerts])('a broken one is noticed: %o', (Accounts) => {
    expect(() => allowanceHolds(Accounts)).toThrow(/Property failed after/);
  });

  it('says when it is within again', () => {
    const rule = { capacity: 10, perSecond: 2 };
    const accounts = new Allowances();
    accounts.charge('t', rule, 16, 1_000);
    expect(accounts.waitMs('t', rule, 1_000)).toBeCloseTo(3_000);
    expect([accounts.within('t', rule, 3_900), accounts.within('t', rule, 4_001)]).toEqual([false, true]);
  });

  it('refills nothing when the clock steps back, and goes on alike after a snapshot', () => {
    const rule = { capacity: 10, perSecond: 1 };
    const accounts = new Allowances();
    accounts.charge('t', rule, 10, 10_000);
    accounts.charge('t', rule, 1, 5_000);
    const twin = Allowances.restore(accounts.snapshot());
    for (const now of [5_000, 10_000, 10_900, 11_100]) {
      expect(accounts.within('t', rule, now)).toBe(now > 11_000);
      expect(twin.within('t', rule, now)).toBe(accounts.within('t', rule, now));
    }
  });

  it('forgets tenants that are full again', () => {
    const rule = { capacity: 1, perSecond: 1 };
    const accounts = new Allowances();
    for (let tenant = 0; tenant < 1_000; tenant++) accounts.charge(`t${tenant}`, rule, 1, tenant * 500);
    expect(accounts.snapshot().length).toBeLessThanOrEqual(4);
  });
});
