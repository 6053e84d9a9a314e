import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Allowances, type Allowance } from './allowances.js';

const RULE = { capacity: 10, perSecond: 2 };

describe('allowances', () => {
  it('say when the next item may go, to the ms and never too early', () => {
    const allowance = fc.record({
      capacity: fc.double({ min: 0.01, max: 50, noNaN: true }),
      perSecond: fc.double({ min: 0.01, max: 50, noNaN: true }),
    });
    fc.assert(
      fc.property(allowance, fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 30 }), (rule: Allowance, costs) => {
        const accounts = new Allowances();
        let now = 1_000;
        for (const cost of costs) {
          const wait = accounts.waitMs('a', rule, now);
          if (wait > 1 && accounts.within('a', rule, now + wait - 2)) throw new Error('it could have gone before');
          now += wait;
          if (!accounts.within('a', rule, now)) throw new Error('it cannot go when told');
          accounts.charge('a', rule, cost, now);
        }
      }),
      { seed: 62, numRuns: 300 },
    );
  });

  it('keep what was used when the rule changes', () => {
    const accounts = new Allowances();
    accounts.charge('a', RULE, 12, 1_000);
    expect(accounts.within('a', RULE, 1_000)).toBe(false);
    expect(accounts.within('a', { capacity: 13, perSecond: 2 }, 1_000)).toBe(true);
    expect(accounts.within('a', { capacity: 5, perSecond: 2 }, 4_000)).toBe(false);
    expect(accounts.within('a', { capacity: 5, perSecond: 2 }, 4_501)).toBe(true);
  });

  it('take only what is there of what goes whatever its account says', () => {
    const accounts = new Allowances();
    accounts.charge('a', RULE, 7, 1_000);
    accounts.drain('a', RULE, 500, 1_000);
    expect(accounts.waitMs('a', RULE, 1_000)).toBeLessThan(0.001);
    accounts.charge('a', RULE, 20, 1_000);
    accounts.drain('a', RULE, 500, 1_000);
    expect(accounts.waitMs('a', RULE, 1_000)).toBeCloseTo(10_000);
  });

  it('give back, but never more than was used', () => {
    const accounts = new Allowances();
    accounts.charge('a', RULE, 4, 1_000);
    accounts.charge('a', RULE, -9, 1_000);
    accounts.charge('a', RULE, 10, 1_000);
    expect(accounts.within('a', RULE, 1_000)).toBe(false);
  });

  it('wait out a clock that stepped back', () => {
    const accounts = new Allowances();
    accounts.charge('a', RULE, 12, 10_000);
    expect(accounts.waitMs('a', RULE, 4_000)).toBeCloseTo(7_000);
    expect(accounts.within('a', RULE, 4_000 + 7_001)).toBe(true);
  });

  it('never open again where nothing flows back', () => {
    const accounts = new Allowances();
    accounts.charge('a', { capacity: 1, perSecond: 0 }, 1, 0);
    expect(accounts.waitMs('a', { capacity: 1, perSecond: 0 }, 1e9)).toBe(Infinity);
  });
});
