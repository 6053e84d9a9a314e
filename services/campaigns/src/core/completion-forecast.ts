import { completionOf, type ChannelLoad, type CompletionBand, type LaneFlow } from '@tocsin/fairness';
import type { Forecast } from '@tocsin/contracts/campaigns/v1/campaign';
import type { ChannelBacklog } from '@tocsin/contracts/routing/v1/backlogs';
import type { TenantLimits } from '@tocsin/contracts/tenants/v1/tenant';
import { heldByQuota, type QuotaHold } from './quota-hold.js';
import type { Demand } from './release-demand.js';

/** A campaign that is to begin on a channel, or has just begun and is not known to its scheduler yet. */
export interface Beginning {
  readonly campaignId: string;
  readonly tenantId: string;
  readonly weight: number;
  /** 0 = most severe. */
  readonly lane: number;
  /** Unix ms. */
  readonly at: number;
  readonly demands: readonly Demand[];
  /** Of its tenant. */
  readonly limits: TenantLimits | undefined;
}

/** A channel as it is for one tenant. */
export interface TenantLoad extends ChannelLoad {
  readonly hold: QuotaHold;
}

/** Looks for how many units fit before a moment: halving 12 times finds them to a 4,000th. */
const HALVINGS = 12;

/** What a channel said, with those who have begun since, as the library reads it. Lanes below `lane` without a floor change nothing for it and are left out. */
export function loadOf(channel: string, backlog: ChannelBacklog, begun: readonly Beginning[], lane = Infinity): ChannelLoad {
  const flows: LaneFlow[] = [];
  const known = new Set<string>();
  for (const row of backlog.lanes) {
    const place = row.lane - 1;
    if (place > lane && row.floor <= 0) continue;
    for (const { tenantId, weight, campaigns } of row.tenants) {
      const shared = campaigns
        .filter(({ paused, pace }) => !paused && pace <= 0)
        .map(({ campaignId, units }) => ({ id: campaignId, units }));
      if (shared.length > 0) flows.push({ lane: place, tenant: tenantId, weight, at: backlog.at, campaigns: shared });
      for (const { campaignId, units, paused, pace } of campaigns) {
        known.add(campaignId);
        if (!paused && pace > 0) flows.push({ lane: place, weight, pace, at: backlog.at, campaigns: [{ id: campaignId, units }] });
      }
    }
    // Nobody says how they are spread: as many tenants of weight 1.
    const { unnamedUnits: units, unnamedCampaigns } = row;
    if (units > 0)
      flows.push({ lane: place, weight: unnamedCampaigns, tenants: unnamedCampaigns, at: backlog.at, campaigns: [{ id: '', units }] });
  }
  for (const one of begun) if (one.lane <= lane && !known.has(one.campaignId)) flows.push(...flowOf(channel, one));
  const arrivals = backlog.lanes
    .filter((row) => row.lane - 1 <= lane && row.arrivalsPerSecond > 0)
    .map((row) => ({ lane: row.lane - 1, perSecond: row.arrivalsPerSecond, units: row.arrivalUnits }));
  const { at, rate, drain, drainDeviation, drainSeenAt, againPart } = backlog;
  return { at, rate, drain, drainDeviation, drainSeenAt, againPart, flows, arrivals, floors: backlog.lanes.map(({ floor }) => floor) };
}

function flowOf(channel: string, { campaignId, tenantId, weight, lane, at, demands }: Beginning): LaneFlow[] {
  return demands
    .filter((demand) => demand.channel === channel)
    .map(({ units, pace }) => ({
      lane,
      tenant: tenantId,
      weight,
      at,
      ...(pace > 0 ? { pace } : {}),
      campaigns: [{ id: campaignId, units }],
    }));
}

/** When a campaign that begins would be complete on one of its channels; undefined = nobody can say. */
export function bandOf(beginning: Beginning, demand: Demand, load: TenantLoad, now: number): CompletionBand | undefined {
  const [flow] = flowOf(demand.channel, { ...beginning, demands: [demand] });
  const band = flow && completionOf(beginning.campaignId, flow, load, now);
  const { campaignId, lane } = beginning;
  return band && heldByQuota(band, { campaignId, lane, units: demand.units }, load.hold, Math.max(now, beginning.at));
}

/** Recipients of a channel handed over by `until` in 19 of 20 cases. */
export function recipientsBy(until: number, beginning: Beginning, demand: Demand, load: TenantLoad, now: number): number {
  const fits = (part: number): boolean => {
    const band = bandOf(beginning, { ...demand, units: demand.units * part }, load, now);
    return band !== undefined && band.p95 <= until;
  };
  let [least, most] = [0, 1];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (least + most) / 2;
    if (fits(middle)) least = middle;
    else most = middle;
  }
  return Math.floor(demand.recipients * least);
}

/** The latest of a campaign's channels; undefined when nothing is known of any. */
export function joined(bands: ReadonlyMap<string, CompletionBand | undefined>, expiresAt: number): Forecast | undefined {
  const channels = [...bands].flatMap(([channel, band]) => (band ? [{ channel, ...band }] : []));
  if (channels.length === 0) return undefined;
  const p50 = Math.max(...channels.map((row) => row.p50));
  const p95 = Math.max(...channels.map((row) => row.p95));
  const unknownChannels = [...bands].flatMap(([channel, band]) => (band ? [] : [channel]));
  return { p50, p95, channels, unknownChannels, late: expiresAt > 0 && p95 > expiresAt, recipientsInTime: 0 };
}
