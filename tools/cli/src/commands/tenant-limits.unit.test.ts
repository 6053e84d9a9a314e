import { describe, expect, it } from 'vitest';
import { Tenant } from '@tocsin/contracts/tenants/v1/tenant';
import { limitsOf } from './tenant-limits.js';

const SMS = { channel: 'sms', unitsPerDay: 10_000, unitsPerMinute: 600 };

describe('limits of a tenant', () => {
  it('are not given when no option speaks of them', () => {
    expect(limitsOf({})).toBeUndefined();
  });

  it('gather both quotas of a channel', () => {
    expect(limitsOf({ quota: ['sms=10000/day', 'sms=600/min'] })).toEqual({ lifeSafetyUnits: 0, quotas: [SMS] });
  });

  it('keep what is not spoken of, and let go of what is 0', () => {
    const before = Tenant.fromPartial({ limits: { lifeSafetyUnits: 500, quotas: [SMS] } });
    expect(limitsOf({ lifeSafetyUnits: '900' }, before)).toEqual({ lifeSafetyUnits: 900, quotas: [SMS] });
    expect(limitsOf({ quota: ['sms=0/day'] }, before)).toEqual({ lifeSafetyUnits: 500, quotas: [] });
  });

  it.each(['sms', 'sms=ten/day', 'sms=10/week', '=10/day'])('"%s" is not understood', (text) => {
    expect(() => limitsOf({ quota: [text] })).toThrow('--quota must be written');
  });
});
