import type { ChannelQuota, Tenant, TenantLimits } from '@tocsin/contracts/tenants/v1/tenant';
import { wholeNumber } from '../option-values.js';
import { UsageError } from '../usage-error.js';

export interface LimitOptions {
  readonly lifeSafetyUnits?: string;
  readonly quota?: readonly string[];
}

/** The limits that the options say: quotas that are given replace all former ones, what is not spoken of stays as it was; undefined when they say nothing. Throws UsageError. */
export function limitsOf(options: LimitOptions, before?: Tenant): TenantLimits | undefined {
  const { lifeSafetyUnits, quota } = options;
  if (lifeSafetyUnits === undefined && quota === undefined) return undefined;
  const known = before?.limits;
  return {
    lifeSafetyUnits:
      lifeSafetyUnits === undefined ? (known?.lifeSafetyUnits ?? 0) : wholeNumber('--life-safety-units', lifeSafetyUnits, 0, 4_294_967_295),
    quotas: quota === undefined ? [...(known?.quotas ?? [])] : quotasOf(quota),
  };
}

/** "sms=10000/day", "sms=600/min"; both for one channel may be given; 0 = no such limit, so "sms=0/day" alone leaves no quota at all. */
function quotasOf(given: readonly string[]): ChannelQuota[] {
  const quotas = new Map<string, ChannelQuota>();
  for (const text of given) {
    const [, channel = '', units = '', per = ''] = /^([a-z0-9-]+)=(\d+)\/(day|min)$/.exec(text) ?? [];
    if (channel === '') throw new UsageError(`--quota must be written channel=units/day or channel=units/min; "${text}" is not.`);
    const known = quotas.get(channel) ?? { channel, unitsPerDay: 0, unitsPerMinute: 0 };
    const most = wholeNumber('--quota', units, 0, 4_294_967_295);
    quotas.set(channel, per === 'day' ? { ...known, unitsPerDay: most } : { ...known, unitsPerMinute: most });
  }
  return [...quotas.values()].filter(({ unitsPerDay, unitsPerMinute }) => unitsPerDay > 0 || unitsPerMinute > 0);
}
