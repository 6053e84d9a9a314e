import type { Campaign, Forecast } from '@tocsin/contracts/campaigns/v1/campaign';
import { notFound, TocsinError } from '@tocsin/errors';
import type { AggregateStore, Decision, Documents, Stored } from '@tocsin/mongo';
import { type CampaignRecord, readRecord } from './core/campaign-record.js';
import { campaignView } from './core/campaign-view.js';
import { type TallyDocument, tallyOfDocument } from './tallies/tally-document.js';
import type { Changes } from './watch/changes.js';

/** ms a stop waits for Kafka to have it: within the 5 s of a call, and beyond the usual election of a leader no answer is better than a wrong one. */
const TELL_MS = 3_000;

/** A campaign as callers see it, and a cursor that grows with every change of it or of its tally. */
export interface Snapshot {
  readonly campaign: Campaign;
  readonly cursor: number;
}

export interface CampaignsDeps {
  readonly store: AggregateStore<CampaignRecord>;
  readonly tallies: Documents<TallyDocument>;
  readonly changes: Changes;
  /** Of a campaign that runs. */
  forecastOf(campaign: Campaign): Forecast | undefined;
  now(): number;
}

/** Campaigns with their tallies; another tenant's campaign does not exist. */
export class Campaigns {
  constructor(private readonly deps: CampaignsDeps) {}

  async snapshot(tenantId: string, campaignId: string): Promise<Snapshot> {
    const [stored, tally] = await Promise.all([this.deps.store.get(campaignId), this.deps.tallies.get(campaignId)]);
    if (!stored || stored.state.campaign.tenantId !== tenantId) throw notFound('Campaign');
    return this.view(stored.state, stored.version, tally);
  }

  /** In the order of the ids; ids of nothing and of other tenants are left out. */
  async snapshots(tenantId: string, ids: readonly string[]): Promise<Snapshot[]> {
    const [stored, tallies] = await Promise.all([this.deps.store.getMany(ids), this.deps.tallies.getMany(ids)]);
    return stored.flatMap((found, at) =>
      found && found.state.campaign.tenantId === tenantId ? [this.view(found.state, found.version, tallies[at] ?? null)] : [],
    );
  }

  /** The record as stored; throws NOT_FOUND. */
  async record(tenantId: string, campaignId: string): Promise<CampaignRecord> {
    return readRecord((await this.seen(tenantId, campaignId)).state);
  }

  /** The same, to be decided on without reading it again; throws NOT_FOUND. */
  async seen(tenantId: string, campaignId: string): Promise<Stored<CampaignRecord>> {
    const stored = await this.deps.store.get(campaignId);
    if (!stored || stored.state.campaign.tenantId !== tenantId) throw notFound('Campaign');
    return stored;
  }

  /** Decides on the campaign as it stands (as `seen`, unless it has changed since) and answers it as it is then. */
  async decide(
    tenantId: string,
    campaignId: string,
    decision: (record: CampaignRecord, version: number) => Decision<CampaignRecord> | null,
    seen?: Stored<CampaignRecord>,
  ): Promise<Campaign> {
    const decide = (state: CampaignRecord, version: number): Decision<CampaignRecord> | null => {
      if (state.campaign.tenantId !== tenantId) throw notFound('Campaign');
      return decision(readRecord(state), version);
    };
    const stored = await this.deps.store.update(campaignId, decide, seen);
    if (!stored) throw notFound('Campaign');
    this.deps.changes.notify(campaignId);
    const tally = await this.deps.tallies.get(campaignId);
    return this.view(stored.state, stored.version, tally).campaign;
  }

  /** Resolves once Kafka has all that was decided about the campaign, so that whoever sends hears of it; throws UNAVAILABLE STOP_NOT_TOLD after 3 s. */
  async told(campaignId: string): Promise<void> {
    if (await this.deps.store.told(campaignId, TELL_MS)) return;
    const sentence = 'The stop is stored and will be carried out; those who send could not be told yet. Ask again until it is answered.';
    throw new TocsinError('UNAVAILABLE', 'STOP_NOT_TOLD', sentence);
  }

  private view(state: CampaignRecord, version: number, tally: TallyDocument | null): Snapshot {
    const campaign = campaignView(readRecord(state), version, tallyOfDocument(tally), this.deps.now());
    const forecast = this.deps.forecastOf(campaign);
    if (forecast) campaign.forecast = forecast;
    return { campaign, cursor: version + (tally?.v ?? 0) };
  }
}
