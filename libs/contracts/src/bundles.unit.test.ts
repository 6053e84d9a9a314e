import { describe, expect, it } from 'vitest';
import { Lane } from './gen/tocsin/common/v1/common.js';
import { AttemptBundle, AttemptRecord, Outcome } from './gen/tocsin/deliveries/v1/attempts.js';
import { Fence, GrantBundle, GrantRecord } from './gen/tocsin/routing/v1/grants.js';
import { CampaignFrame } from './gen/tocsin/routing/v1/plans.js';
import { answersOf, attemptFactsOf, attemptRecordsOf, grantsOf } from './bundles.js';
import { packEnvelope, unpackEnvelope } from './envelope.js';
import type { RecordOf, RecordType } from './record-types.js';

const frame = (campaignId: string): CampaignFrame =>
  CampaignFrame.fromPartial({ campaignId, tenantId: 'ten_1', channel: 'sms', weight: 2 });
const encoded = (campaignId: string): Buffer => Buffer.from(CampaignFrame.encode(frame(campaignId)).finish());
const items = [{ slice: 3, item: { index: 7, n: 1, cost: 2, box: Buffer.from('box') }, tag: 4.5 }];
const sent = <T extends RecordType>(type: T, value: RecordOf<T>) =>
  unpackEnvelope(packEnvelope(type, value, { tenantId: '', occurredAt: 1 }));

describe('bundles', () => {
  it('grant what as many records of one campaign would', () => {
    const bundle = GrantBundle.fromPartial({ grants: [{ frame: encoded('cmp_A'), items }, { frame: encoded('cmp_B') }], grantedAt: 9 });
    const apart = [
      { frame: frame('cmp_A'), items, grantedAt: 9 },
      { frame: frame('cmp_B'), grantedAt: 9 },
    ].map((grant) => GrantRecord.fromPartial(grant));
    expect(grantsOf(sent('tocsin.routing.v1.GrantBundle', bundle))).toEqual(
      apart.flatMap((grant) => grantsOf(sent('tocsin.routing.v1.GrantRecord', grant))),
    );
  });

  it('tell of each slice what its own record would', () => {
    const records = [0, 1].map((slice) =>
      AttemptRecord.fromPartial({ campaignId: 'cmp_A', tenantId: 'ten_1', slice, channel: 'sms', attempts: [{ index: slice, n: 1 }] }),
    );
    expect(attemptRecordsOf(sent('tocsin.deliveries.v1.AttemptBundle', AttemptBundle.fromPartial({ records })))).toEqual(
      records.flatMap((one) => attemptRecordsOf(sent('tocsin.deliveries.v1.AttemptRecord', one))),
    );
  });

  it('and single records tell a scheduler what was answered, whatever else they hold', () => {
    const attempt = { index: 5, n: 2, outcome: Outcome.FAILED, submittedAt: 1_700_000_000_123, tag: 7.25, cost: 3 };
    const rest = {
      reason: 'BUSY',
      provider: 'p',
      providerIds: ['a', 'b'],
      addressHash: Buffer.alloc(16, 1),
      share: 3,
      answeredAt: 8,
      retryable: true,
    };
    const records = [0, 1].map((slice) =>
      AttemptRecord.fromPartial({ campaignId: 'cmp_A', tenantId: 'ten_1', slice, channel: 'sms', attempts: [{ ...attempt, ...rest }] }),
    );
    const answers = records.map(({ slice }) => ({ campaignId: 'cmp_A', slice, attempts: [attempt] }));
    const meta = { tenantId: '', occurredAt: 1 };
    expect(answersOf(packEnvelope('tocsin.deliveries.v1.AttemptBundle', { records }, meta))).toEqual(answers);
    expect(records.flatMap((one) => answersOf(packEnvelope('tocsin.deliveries.v1.AttemptRecord', one, meta)))).toEqual(answers);
  });

  it('and single records tell the ledger what came of each attempt, whatever else they hold', () => {
    const attempt = {
      index: 5,
      n: 2,
      outcome: Outcome.FAILED,
      reason: 'BUSY',
      retryable: true,
      providerCode: '421',
      submittedAt: 1_700_000_000_123,
      answeredAt: 8,
      possibleDuplicate: true,
    };
    const rest = {
      provider: 'p',
      providerIds: ['a', 'b'],
      addressHash: Buffer.alloc(16, 1),
      domainHash: Buffer.alloc(8, 2),
      share: 3,
      tag: 7.25,
      cost: 3,
    };
    const frame = { campaignId: 'cmp_A', tenantId: 'ten_1', channel: 'sms', lane: Lane.URGENT };
    const records = [0, 1].map((slice) => AttemptRecord.fromPartial({ ...frame, slice, attempts: [{ ...attempt, ...rest }] }));
    const facts = records.map(({ slice }) => ({ ...frame, slice, attempts: [attempt] }));
    const meta = { tenantId: '', occurredAt: 1 };
    expect(attemptFactsOf(packEnvelope('tocsin.deliveries.v1.AttemptBundle', { records }, meta))).toEqual(facts);
    expect(records.flatMap((one) => attemptFactsOf(packEnvelope('tocsin.deliveries.v1.AttemptRecord', one, meta)))).toEqual(facts);
  });

  it('are not found in other records', () => {
    const fence = sent('tocsin.routing.v1.Fence', Fence.fromPartial({ channel: 'sms', epoch: 2 }));
    expect([grantsOf(fence), attemptRecordsOf(fence)]).toEqual([[], []]);
  });
});
