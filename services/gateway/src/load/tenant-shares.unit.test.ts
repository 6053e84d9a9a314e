import { describe, expect, it } from 'vitest';
import { TenantShares } from './tenant-shares.js';

/** Takes places for a tenant until it is refused; answers how many it got. */
function fill(shares: TenantShares, tenantId: string): number {
  let taken = 0;
  while (shares.refusal(tenantId) === undefined) {
    shares.take(tenantId);
    taken += 1;
  }
  return taken;
}

describe('places shared among tenants', () => {
  it('one tenant alone gets half, so that there is always room for who has none', () => {
    const shares = new TenantShares(1_000, () => 100);
    expect(fill(shares, 'city')).toBe(50);
    expect(shares.refusal('city')).toBe('GATEWAY_BUSY');
    expect(shares.refusal('commune')).toBeUndefined();
  });

  it('a tenant’s own limit comes first', () => {
    const shares = new TenantShares(10, () => 100);
    expect(fill(shares, 'city')).toBe(10);
    expect(shares.refusal('city')).toBe('TENANT_BUSY');
  });

  it('who holds most is refused first, and what ends makes room for the others', () => {
    const shares = new TenantShares(1_000, () => 90);
    const first = fill(shares, 'first');
    const second = fill(shares, 'second');
    expect(second).toBeLessThan(first);
    for (let ended = 0; ended < 20; ended += 1) shares.giveBack('first');
    // The first one holds more than is free, the second does not.
    expect(shares.refusal('first')).toBeUndefined();
    expect(fill(shares, 'second') + second).toBeGreaterThanOrEqual(30);
    expect(shares.refusal('third')).toBeUndefined();
  });

  it('twenty greedy tenants leave a place for the twenty-first', () => {
    const shares = new TenantShares(1_000, () => 100);
    for (let tenant = 0; tenant < 20; tenant += 1) fill(shares, `greedy ${tenant}`);
    shares.take('late');
    expect(shares.refusal('late')).toBe('GATEWAY_BUSY');
    expect(shares.running()).toBeLessThanOrEqual(100 + 21);
  });
});
