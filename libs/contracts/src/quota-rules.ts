import type { ChannelQuota } from './gen/tocsin/tenants/v1/tenant.js';

/** Seconds over which a day's units flow back. */
const DAY_S = 24 * 60 * 60;
/** Seconds of a minute's quota that may go at once. */
const MINUTE_BURST_S = 0.1;

/** A quota as an account: `capacity` cost units at once, and so many a second flow back (docs/limits.md). */
export interface QuotaRule {
  readonly capacity: number;
  readonly perSecond: number;
}

/** The accounts of a quota, by their span; undefined where it has none of that span. */
export function quotaRules({ unitsPerDay, unitsPerMinute }: Pick<ChannelQuota, 'unitsPerDay' | 'unitsPerMinute'>): {
  readonly day: QuotaRule | undefined;
  readonly minute: QuotaRule | undefined;
} {
  const perSecond = unitsPerMinute / 60;
  return {
    day: unitsPerDay > 0 ? { capacity: unitsPerDay, perSecond: unitsPerDay / DAY_S } : undefined,
    minute: unitsPerMinute > 0 ? { capacity: perSecond * MINUTE_BURST_S, perSecond } : undefined,
  };
}
