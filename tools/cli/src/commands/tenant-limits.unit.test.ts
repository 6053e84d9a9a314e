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

  it('keep what is not spoken of; quotas that are given replace all former ones, and 0 is none', () => {
    const before = Tenant.fromPartial({ limits: { lifeSafetyUnits: 500, quotas: [SMS] } });
    expect(limitsOf({ lifeSafetyUnits: '900' }, before)).toEqual({ lifeSafetyUnits: 900, quotas: [SMS] });
    const mails = { channel: 'email', unitsPerDay: 5, unitsPerMinute: 0 };
    expect(limitsOf({ quota: ['email=5/day'] }, before)).toEqual({ lifeSafetyUnits: 500, quotas: [mails] });
    expect(limitsOf({ quota: ['sms=0/day'] }, before)).toEqual({ lifeSafetyUnits: 500, quotas: [] });
  });

  it.each(['sms', 'sms=ten/day', 'sms=10/week', '=10/day'])('"%s" is not understood', (text) => {
    expect(() => limitsOf({ quota: [text] })).toThrow('--quota must be written');
  });
});
