import type { Controlled } from '@tocsin/contracts';
import { completionBands, type CompletionBand } from '@tocsin/fairness';
import { type Campaign, CampaignState, type Forecast } from '@tocsin/contracts/campaigns/v1/campaign';
import type { ChannelBacklog } from '@tocsin/contracts/routing/v1/backlogs';
import type { Tenant } from '@tocsin/contracts/tenants/v1/tenant';
import { bandOf, joined, loadOf, recipientsBy, type Beginning, type TenantLoad } from '../core/completion-forecast.js';
import { remediesOf, type Remedies, type WhatIf } from '../core/late-release.js';
import { heldByQuota, ownWork, quotasOf, type OwnWork } from '../core/quota-hold.js';
import { demandsOf, type Demand } from '../core/release-demand.js';
import { thinned } from '../core/thinned-flows.js';

/** A release is known to its schedulers after this at the latest, or it has nothing for them (any more), ms. */
const BEGINNING_MS = 3_000;
/** Releases remembered at most; the oldest are forgotten, and the schedulers know them by then. */
const MAX_BEGINNINGS = 1_000;

/** What of a tenant decides when its campaigns are complete. */
export type TenantTerms = Pick<Tenant, 'weight' | 'limits'>;

interface Begun extends Beginning {
  readonly forecast: Forecast | undefined;
}

/** Flows on a channel whose bands take a few ms; beyond, they are computed again only after as many ms as there are flows, or a channel of thousands would keep this process from its calls. */
const QUICK_FLOWS = 400;

/** Bands of everything that runs on a channel. */
interface Bands {
  readonly of: ChannelBacklog;
  readonly all: ReadonlyMap<string, CompletionBand>;
  /** Unix ms. */
  readonly at: number;
  /** They hold this long whatever is told meanwhile, ms. */
  readonly holdMs: number;
}

/** Foresees completions from what the channels' schedulers say, in memory only: it can be wrong, and never late. */
export class Forecaster {
  private readonly begun = new Map<string, Begun>();
  /** By channel: there are as many as have said something. */
  private readonly bands = new Map<string, Bands>();

  constructor(
    private readonly deps: {
      backlogOf(channel: string): ChannelBacklog | undefined;
      /** Whether operators hold it on this channel: nobody can say until when. */
      isHeld(campaign: Controlled): boolean;
      now(): number;
    },
  ) {}

  /** Of a draft as it was previewed, if it were released now (or at its time); undefined = nobody can say. */
  foresee(campaign: Campaign, tenant: TenantTerms): Forecast | undefined {
    return this.withFits(campaign, this.beginning(campaign, tenant));
  }

  /** Recipients of a late campaign handed over before its expiry, on the channel where they are most; Infinity where nobody can say of one of its channels. */
  mostInTime(campaign: Campaign, tenant: TenantTerms, { channels, unknownChannels }: Forecast): number {
    if (unknownChannels.length > 0) return Infinity;
    const beginning = this.beginning(campaign, tenant);
    const whole = new Set(channels.filter(({ p95 }) => p95 <= campaign.expiresAt).map(({ channel }) => channel));
    return Math.max(
      0,
      ...beginning.demands.map((row) => (whole.has(row.channel) ? row.recipients : this.inTime(campaign, beginning, row))),
    );
  }

  /** What would let a late campaign be complete in time. */
  remedies(campaign: Campaign, tenant: TenantTerms, forecast: Forecast): Remedies {
    const beginning = this.beginning(campaign, tenant);
    const foresee = (change: WhatIf): Forecast | undefined => this.forecast(campaign, { ...beginning, ...change });
    return remediesOf(campaign, beginning.demands, forecast, this.deps.now(), foresee);
  }

  /** It is released now: the next one is foreseen with it, before its schedulers say so. */
  begin(campaign: Campaign, tenant: TenantTerms, forecast: Forecast | undefined): void {
    const { begun } = this;
    begun.set(campaign.campaignId, { ...this.beginning(campaign, tenant), forecast });
    for (const oldest of begun.keys()) {
      if (begun.size <= MAX_BEGINNINGS) break;
      begun.delete(oldest);
    }
  }

  /** A channel has spoken: what it names, or should have named by now, is no longer only foreseen. */
  heard(backlog: ChannelBacklog): void {
    if (this.begun.size === 0) return;
    const named = new Set(
      backlog.lanes.flatMap(({ tenants }) => tenants.flatMap(({ campaigns }) => campaigns.map((row) => row.campaignId))),
    );
    for (const [id, begun] of this.begun) {
      if (!named.has(id) && backlog.at < begun.at + BEGINNING_MS) continue;
      const demands = begun.demands.filter(({ channel }) => channel !== backlog.channel);
      if (demands.length === 0) this.begun.delete(id);
      else this.begun.set(id, { ...begun, demands });
    }
  }

  /** Of a campaign that runs; undefined = it waits for nothing but receipts, or nobody can say. */
  running(campaign: Campaign): Forecast | undefined {
    if (campaign.state !== CampaignState.RUNNING) return undefined;
    const bands = new Map<string, CompletionBand>();
    for (const channel of campaign.channels) {
      const { campaignId, tenantId, lane } = campaign;
      const backlog = this.deps.isHeld({ campaignId, tenantId, lane, channel }) ? undefined : this.deps.backlogOf(channel);
      const band = backlog && this.bandsOn(channel, backlog).get(campaign.campaignId);
      if (band) bands.set(channel, this.held(campaign, backlog, band));
    }
    return joined(bands, campaign.expiresAt) ?? this.begun.get(campaign.campaignId)?.forecast;
  }

  private held({ campaignId, tenantId }: Campaign, backlog: ChannelBacklog, band: CompletionBand): CompletionBand {
    const quotas = quotasOf(backlog, tenantId, undefined);
    if (quotas.length === 0) return band;
    const others = ownWork(backlog, tenantId);
    const work = others.find((row) => row.campaignId === campaignId);
    return work ? heldByQuota(band, work, { quotas, others }, backlog.at) : band;
  }

  private withFits(campaign: Campaign, beginning: Beginning): Forecast | undefined {
    const forecast = this.forecast(campaign, beginning);
    if (!forecast?.late) return forecast;
    const late = new Set(forecast.channels.filter(({ p95 }) => p95 > campaign.expiresAt).map(({ channel }) => channel));
    const fitting = beginning.demands.filter(({ channel }) => late.has(channel)).map((demand) => this.inTime(campaign, beginning, demand));
    return { ...forecast, recipientsInTime: Math.min(...fitting) };
  }

  /** Recipients of a late channel handed over before the expiry. */
  private inTime({ expiresAt }: Campaign, beginning: Beginning, demand: Demand): number {
    const load = this.loadFor(beginning, demand.channel);
    return load ? recipientsBy(expiresAt, beginning, demand, load, this.deps.now()) : 0;
  }

  private forecast(campaign: Campaign, beginning: Beginning): Forecast | undefined {
    const now = this.deps.now();
    const bands = beginning.demands.map((demand): [string, CompletionBand | undefined] => {
      const load = this.loadFor(beginning, demand.channel);
      return [demand.channel, load && bandOf(beginning, demand, load, now)];
    });
    return joined(new Map(bands), campaign.expiresAt);
  }

  private loadFor({ lane, campaignId, tenantId, limits }: Beginning, channel: string): TenantLoad | undefined {
    const backlog = this.deps.backlogOf(channel);
    const others = [...this.begun.values()].filter((other) => other.campaignId !== campaignId);
    // 0 = most severe, as schedulers count.
    if (!backlog || this.deps.isHeld({ campaignId, tenantId, lane: lane + 1, channel })) return undefined;
    const load = loadOf(channel, backlog, others, lane);
    const quotas = quotasOf(backlog, tenantId, limits);
    const own = quotas.length === 0 ? [] : [...ownWork(backlog, tenantId), ...this.ownBegun(tenantId, channel)];
    return { ...load, flows: thinned(load.flows, tenantId), hold: { quotas, others: own } };
  }

  /** Work of a tenant that its schedulers do not name yet. */
  private ownBegun(tenantId: string, channel: string): OwnWork[] {
    const own = [...this.begun.values()].filter((row) => row.tenantId === tenantId);
    return own.flatMap(({ campaignId, lane, demands }) =>
      demands.filter((row) => row.channel === channel).map(({ units }) => ({ campaignId, lane, units })),
    );
  }

  private bandsOn(channel: string, backlog: ChannelBacklog): ReadonlyMap<string, CompletionBand> {
    const now = this.deps.now();
    const known = this.bands.get(channel);
    // A clock that stepped back holds nothing.
    if (known && (known.of === backlog || (now >= known.at && now - known.at < known.holdMs))) return known.all;
    const load = loadOf(channel, backlog, []);
    const all = completionBands(load, now);
    this.bands.set(channel, { of: backlog, all, at: now, holdMs: load.flows.length > QUICK_FLOWS ? load.flows.length : 0 });
    return all;
  }

  private beginning(campaign: Campaign, { weight, limits }: TenantTerms): Beginning {
    const { campaignId, tenantId, lane, scheduledAt } = campaign;
    const at = Math.max(this.deps.now(), scheduledAt);
    return { campaignId, tenantId, weight: Math.max(1, weight), limits, lane: lane - 1, at, demands: demandsOf(campaign) };
  }
}
