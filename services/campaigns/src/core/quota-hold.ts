import { quotaRules } from '@tocsin/contracts';
import type { CompletionBand } from '@tocsin/fairness';
import type { ChannelBacklog, QuotaLeft } from '@tocsin/contracts/routing/v1/backlogs';
import type { TenantLimits } from '@tocsin/contracts/tenants/v1/tenant';

/** What a tenant's quotas on a channel leave it, and its own campaigns that use of them too. */
export interface QuotaHold {
  readonly quotas: readonly QuotaLeft[];
  readonly others: readonly OwnWork[];
}

/** A campaign's work on a channel. */
export interface OwnWork {
  readonly campaignId: string;
  /** 0 = most severe. */
  readonly lane: number;
  readonly units: number;
}

/** 0 = most severe: its campaigns use up quotas and do not wait for them. */
const LIFE_SAFETY = 0;
/** A quota holds exactly, but others of the tenant may come or end: parts of the time, and the way of the last item, ms. */
const EARLY_PART = 0.03;
const LATE_PART = 0.04;
const LATE_MS = 1_000;

/** As the channel's scheduler told them; a tenant it does not name has all of its quotas. */
export function quotasOf(backlog: ChannelBacklog, tenantId: string, limits: TenantLimits | undefined): readonly QuotaLeft[] {
  const told = backlog.quotas.find((row) => row.tenantId === tenantId);
  if (told) return told.quotas;
  const quota = limits?.quotas.find(({ channel }) => channel === backlog.channel);
  if (!quota) return [];
  const { day, minute } = quotaRules(quota);
  return [day, minute].flatMap((rule) => (rule ? [{ units: rule.capacity, perSecond: rule.perSecond }] : []));
}

/** A tenant's campaigns that a channel has work of. */
export function ownWork(backlog: ChannelBacklog, tenantId: string): OwnWork[] {
  return backlog.lanes.flatMap(({ lane, tenants }) =>
    tenants
      .filter((row) => row.tenantId === tenantId)
      .flatMap(({ campaigns }) =>
        campaigns.filter(({ paused }) => !paused).map(({ campaignId, units }) => ({ campaignId, lane: lane - 1, units })),
      ),
  );
}

/** The band of a campaign that its tenant's quotas let go no faster: severer ones of its own go before it, those of its lane in equal turns. */
export function heldByQuota(band: CompletionBand, work: OwnWork, { quotas, others }: QuotaHold, now: number): CompletionBand {
  if (work.lane === LIFE_SAFETY || quotas.length === 0) return band;
  let units = work.units;
  for (const other of others) {
    if (other.campaignId === work.campaignId || other.lane > work.lane) continue;
    units += other.lane < work.lane ? other.units : Math.min(other.units, work.units);
  }
  const heldMs = Math.max(0, ...quotas.map((quota) => ((units - quota.units) / quota.perSecond) * 1_000));
  if (heldMs === 0) return band;
  return { p50: Math.max(band.p50, now + heldMs * (1 - EARLY_PART)), p95: Math.max(band.p95, now + heldMs * (1 + LATE_PART) + LATE_MS) };
}
