import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Campaign, CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import { TallyPart } from '@tocsin/contracts/deliveries/v1/tallies';
import { newId, type OutgoingRecord } from '@tocsin/contracts';
import { connectMongo, openAggregateStore, type AggregateStore, type Documents, type MongoConnection } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import { startGround, waitUntil, type TestGround } from '@tocsin/testing';
import type { CampaignRecord } from '../core/campaign-record.js';
import { storeTally } from './store-tally.js';
import type { TallyDocument } from './tally-document.js';

const observed = createObservability({ service: 'test', instanceId: 'store-tally-test', logLevel: 'error' });
const TENANT = newId('ten');

describe('the end of a campaign, cut off between its two writes', () => {
  let ground: TestGround;
  let mongo: MongoConnection;
  let tallies: Documents<TallyDocument>;
  let campaigns: AggregateStore<CampaignRecord>;
  const published: OutgoingRecord[] = [];

  beforeAll(async () => {
    ground = await startGround();
    mongo = await connectMongo(ground.mongoUri, `${ground.prefix}campaigns`, observed);
    tallies = await mongo.documents<TallyDocument>('tallies');
    campaigns = await openAggregateStore<CampaignRecord>(mongo, {
      collection: 'campaigns',
      publish: async (records) => void published.push(...records),
      logger: observed.logger,
      now: () => Date.now(),
      traceparent: () => '',
    });
  });
  afterAll(async () => {
    await campaigns.stop();
    await mongo.close();
    await ground.stop();
  });

  async function running(): Promise<string> {
    const campaignId = newId('cmp');
    const campaign = Campaign.fromPartial({
      campaignId,
      tenantId: TENANT,
      state: CampaignState.RUNNING,
      expiresAt: Date.now() + 3_600_000,
    });
    await campaigns.create(campaignId, { state: { campaign, createdFrom: 'x' }, events: [] });
    return campaignId;
  }

  function complete(campaignId: string, sequence = 1): TallyPart {
    const tally = { recipients: 3, terminal: 3, delivered: 3, planClosed: true };
    return TallyPart.fromPartial({ campaignId, tenantId: TENANT, partition: 0, sequence, tally, closed: true, closedRecipients: 3 });
  }

  const stateOf = async (campaignId: string) => (await campaigns.get(campaignId))?.state.campaign.state;
  const finishes = (campaignId: string): number =>
    published.filter(({ key, envelope }) => key === campaignId && envelope?.type.endsWith('.CampaignFinished')).length;

  it('the complete tally is stored and its campaign was not told: the same part read again ends it, once', async () => {
    const campaignId = await running();
    const parts = { tallies, campaigns, now: () => Date.now() };
    const dying = {
      ...parts,
      campaigns: { ...campaigns, update: () => Promise.reject(new Error('killed')) } as AggregateStore<CampaignRecord>,
    };
    await expect(storeTally(campaignId, [complete(campaignId)], dying)).rejects.toThrow('killed');
    expect(await stateOf(campaignId)).toBe(CampaignState.RUNNING);

    await storeTally(campaignId, [complete(campaignId)], parts);
    expect(await stateOf(campaignId)).toBe(CampaignState.FINISHED);
    await storeTally(campaignId, [complete(campaignId)], parts);
    await storeTally(campaignId, [complete(campaignId, 2)], parts);
    await waitUntil('it is announced', () => finishes(campaignId) > 0, 10_000);
    expect(finishes(campaignId)).toBe(1);
  });
});
