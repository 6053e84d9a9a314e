import { describe, expect, it } from 'vitest';
import { record, type RecordType } from '@tocsin/contracts';
import { Lane } from '@tocsin/contracts/common/v1/common';
import type { IncomingRecord } from '@tocsin/kafka';
import { urgentFirst } from './urgent-first.js';

const topic = 'campaign.events.v1';

function said(key: string, type: RecordType, lane: Lane): IncomingRecord {
  const meta = { tenantId: 'ten_1', occurredAt: 0, lane };
  const { envelope } =
    type === 'tocsin.campaigns.v1.CampaignReleased'
      ? record(topic, key, type, { tenantWeight: 1, smsSender: '', mailFrom: '', tenantName: '' } as never, meta)
      : record(topic, key, 'tocsin.campaigns.v1.CampaignPaused', { campaignId: key, tenantId: 'ten_1' } as never, meta);
  return { topic, partition: 0, offset: 0, key, timestamp: 0, envelope };
}

const RELEASED = 'tocsin.campaigns.v1.CampaignReleased';
const PAUSED = 'tocsin.campaigns.v1.CampaignPaused';

describe('the order in which a batch of campaign events is taken up', () => {
  it('begins with urgent releases, and leaves everything else as it came', () => {
    const batch = [
      said('standard-1', RELEASED, Lane.STANDARD),
      said('urgent', RELEASED, Lane.URGENT),
      said('standard-1', PAUSED, Lane.STANDARD),
      said('urgent', PAUSED, Lane.URGENT),
      said('flood', RELEASED, Lane.LIFE_SAFETY),
      said('bulk', RELEASED, Lane.BULK),
    ];
    const order = urgentFirst(batch).map(({ key, envelope }) => `${key} ${envelope?.type.split('Campaign').at(-1)}`);
    expect(order).toEqual([
      'urgent Released',
      'flood Released',
      'standard-1 Released',
      'standard-1 Paused',
      'urgent Paused',
      'bulk Released',
    ]);
  });

  it('is the batch itself where nothing is urgent, a record without content included', () => {
    const batch = [said('a', RELEASED, Lane.STANDARD), { ...said('b', PAUSED, Lane.URGENT), envelope: null }];
    expect(urgentFirst(batch)).toBe(batch);
  });
});
