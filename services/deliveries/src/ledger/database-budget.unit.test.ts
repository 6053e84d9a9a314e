import { describe, expect, it } from 'vitest';
import { DatabaseBudget } from './database-budget.js';

/** ms of writes let through in 10 s when each takes `cost` ms. */
function spent(share: number, cost: number): number {
  const budget = new DatabaseBudget(share);
  let now = 0;
  let total = 0;
  while (now < 10_000) {
    if (budget.allows(now)) {
      budget.charge(cost);
      total += cost;
      now += cost;
    } else now += 1;
  }
  return total;
}

describe('the share of the database', () => {
  it('is kept over time, beside one burst', () => {
    expect(spent(0.2, 3)).toBeGreaterThan(2_000);
    expect(spent(0.2, 3)).toBeLessThan(2_000 + 50);
  });

  it('lets 25 writes a second through however slow they are', () => {
    expect(spent(0.2, 30) / 30).toBeGreaterThan(240);
  });

  it('saves up no more than a burst', () => {
    const budget = new DatabaseBudget(0.2);
    budget.allows(0);
    budget.allows(1_000_000);
    let writes = 0;
    for (; budget.allows(1_000_000); writes += 1) budget.charge(8);
    expect(writes).toBe(4);
  });
});
