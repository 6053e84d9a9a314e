import { describe, expect, it } from 'vitest';
import { ChannelBacklog } from '@tocsin/contracts/routing/v1/backlogs';
import { TenantLimits } from '@tocsin/contracts/tenants/v1/tenant';
import { heldByQuota, ownWork, quotasOf, type OwnWork } from './quota-hold.js';

const NOW = 1_764_000_000_000;
const BAND = { p50: NOW + 10_000, p95: NOW + 12_000 };
const LIMITS = TenantLimits.fromPartial({ quotas: [{ channel: 'sms', unitsPerDay: 86_400, unitsPerMinute: 600 }] });

function work(campaignId: string, units: number, lane = 2): OwnWork {
  return { campaignId, lane, units };
}

describe('a forecast under a quota', () => {
  it('takes what the scheduler told before what the tenant may have', () => {
    const backlog = ChannelBacklog.fromPartial({ channel: 'sms', quotas: [{ tenantId: 'a', quotas: [{ units: 5, perSecond: 1 }] }] });
    expect(quotasOf(backlog, 'a', LIMITS)).toEqual([{ units: 5, perSecond: 1 }]);
    expect(quotasOf(backlog, 'b', LIMITS)).toEqual([
      { units: 86_400, perSecond: 1 },
      { units: 1, perSecond: 10 },
    ]);
    expect(quotasOf(backlog, 'b', undefined)).toEqual([]);
    expect(quotasOf(ChannelBacklog.fromPartial({ channel: 'email' }), 'b', LIMITS)).toEqual([]);
  });

  it('is as before where the quota lets everything go', () => {
    expect(heldByQuota(BAND, work('me', 100), { quotas: [{ units: 100, perSecond: 1 }], others: [] }, NOW)).toBe(BAND);
    expect(heldByQuota(BAND, work('me', 110), { quotas: [{ units: 100, perSecond: 1 }], others: [] }, NOW)).toMatchObject({
      p50: BAND.p50,
    });
  });

  it('is as late as the slowest quota, and an alert is never', () => {
    const quotas = [
      { units: 1, perSecond: 10 },
      { units: 400, perSecond: 1 },
    ];
    const held = heldByQuota(BAND, work('me', 1_001), { quotas, others: [] }, NOW);
    expect(held).toEqual({ p50: NOW + 601_000 * 0.97, p95: NOW + 601_000 * 1.04 + 1_000 });
    expect(heldByQuota(BAND, work('me', 1_001, 0), { quotas, others: [] }, NOW)).toBe(BAND);
  });

  it('counts what else of its tenant goes before it: severer lanes whole, its own in equal turns, those below not', () => {
    const others = [work('me', 100), work('severer', 500, 0), work('alike', 1_000), work('short', 30), work('bulk', 9_000, 3)];
    const { p50 } = heldByQuota(BAND, work('me', 100), { quotas: [{ units: 0, perSecond: 1 }], others }, NOW);
    expect(p50 - NOW).toBeCloseTo((100 + 500 + 100 + 30) * 1_000 * 0.97, 3);
  });

  it('knows a tenant by its own rows alone, and not what is paused', () => {
    const campaigns = [
      { campaignId: 'runs', units: 5, paused: false, pace: 0 },
      { campaignId: 'waits', units: 5, paused: true, pace: 0 },
    ];
    const tenants = ['a', 'b'].map((tenantId) => ({ tenantId, weight: 1, campaigns }));
    expect(ownWork(ChannelBacklog.fromPartial({ lanes: [{ lane: 3, tenants }] }), 'a')).toEqual([work('runs', 5)]);
  });
});
