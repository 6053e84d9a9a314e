import { describe, expect, it } from 'vitest';
import { RECORDS_APART, SLICE_SIZE, grantsOf, recordsApart, unpackEnvelope } from '@tocsin/contracts';
import { Lane } from '@tocsin/contracts/common/v1/common';
import type { GrantRecord } from '@tocsin/contracts/routing/v1/grants';
import { CampaignFrame } from '@tocsin/contracts/routing/v1/plans';
import type { GrantBatch } from './grant-turn.js';
import { turnRecords, type TurnRecord } from './turn-records.js';

const STANDARD = Lane.STANDARD - 1;

function batch(campaign: number, items = 1, share = campaign % 4, body = 'Bonjour'): GrantBatch {
  const campaignId = `cmp_${campaign}`;
  const frame = CampaignFrame.fromPartial({
    campaignId,
    tenantId: `ten_${campaign}`,
    channel: 'sms',
    lane: Lane.STANDARD,
    traceparent: `00-${campaign}`,
    message: { body },
  });
  const item = (index: number) => ({
    slice: 0,
    item: { index, box: Buffer.from([campaign]), addressHash: Buffer.alloc(16), domainHash: Buffer.alloc(0), cost: 1, n: 1 },
    tag: campaign + index / 1_000,
    outOfOrder: false,
  });
  return { lane: STANDARD, share, frame, items: Array.from({ length: items }, (_, index) => item(index)), plannedAt: [] };
}

function grantsIn({ record }: TurnRecord): readonly GrantRecord[] {
  return record.envelope ? grantsOf(unpackEnvelope(record.envelope)) : [];
}

/** What lies at a share, in its order. */
function atShare(records: readonly TurnRecord[], share: number): readonly (readonly [string | undefined, number])[] {
  const own = records.filter((one) => one.share === share && one.record.partition === share);
  return own.flatMap((one) => grantsIn(one).flatMap(({ frame, items }) => items.map(({ tag }) => [frame?.campaignId, tag] as const)));
}

describe('the records of a turn', () => {
  it('few campaigns: one each, in the trace of its campaign', () => {
    const records = turnRecords(
      'sms',
      Array.from({ length: RECORDS_APART }, (_, campaign) => batch(campaign)),
      7,
      1_000,
    );
    expect(records.map(({ record }) => [record.key, record.envelope?.traceparent, record.envelope?.epoch])).toEqual(
      Array.from({ length: RECORDS_APART }, (_, campaign) => [`cmp_${campaign}`, `00-${campaign}`, 7]),
    );
  });

  it('in the form of release 0.1 each campaign has its own, however many', () => {
    const batches = Array.from({ length: 100 }, (_, campaign) => batch(campaign));
    const types = turnRecords('sms', batches, 7, 1_000, recordsApart('0.1')).map(({ record }) => record.envelope?.type);
    expect(types).toEqual(batches.map(() => 'tocsin.routing.v1.GrantRecord'));
  });

  it('many campaigns: one a share, and at each share what was granted there, in its order', () => {
    const batches = Array.from({ length: 100 }, (_, campaign) => batch(campaign, 1 + (campaign % 3)));
    const records = turnRecords('sms', batches, 7, 1_000);
    expect(records.map(({ share }) => share)).toEqual([0, 1, 2, 3]);
    for (const { record, lane } of records) {
      expect([record.topic, record.envelope?.epoch, lane]).toEqual(['delivery.granted.sms.standard.v1', 7, STANDARD]);
    }
    for (let share = 0; share < 4; share++) {
      const granted = batches.filter((one) => one.share === share);
      expect(atShare(records, share)).toEqual(granted.flatMap(({ frame, items }) => items.map(({ tag }) => [frame.campaignId, tag])));
    }
    expect(grantsIn(records[1] as TurnRecord)[0]).toMatchObject({ frame: batches[1]?.frame, grantedAt: 1_000 });
  });

  it('no record holds more items than a slice has, nor more frames than a record bears', () => {
    const full = turnRecords(
      'sms',
      Array.from({ length: 20 }, (_, campaign) => batch(campaign, 100, 0)),
      7,
      1_000,
    );
    expect(full.map((one) => grantsIn(one).reduce((sum, { items }) => sum + items.length, 0))).toEqual(
      Array.from({ length: 10 }, () => 200),
    );
    expect(200).toBeLessThanOrEqual(SLICE_SIZE);
    const mails = turnRecords(
      'sms',
      Array.from({ length: 20 }, (_, campaign) => batch(campaign, 1, 0, 'x'.repeat(100_000))),
      7,
      1_000,
    );
    expect(mails).toHaveLength(10);
    expect(Math.max(...mails.map(({ record }) => record.envelope?.payload.length ?? 0))).toBeLessThan(300_000);
  });
});
