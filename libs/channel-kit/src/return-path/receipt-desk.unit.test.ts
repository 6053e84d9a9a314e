import { beforeEach, describe, expect, it } from 'vitest';
import { unpackEnvelope, type OutgoingRecord } from '@tocsin/contracts';
import { Lane } from '@tocsin/contracts/common/v1/common';
import {
  Attempt,
  AttemptRecord,
  Outcome,
  ReceiptState,
  type Receipt,
  type UnmatchedReceipt,
} from '@tocsin/contracts/deliveries/v1/attempts';
import { createMetrics, createTracing } from '@tocsin/observability';
import { systemClock } from '@tocsin/service-kit';
import type { ProviderReceipt } from '../channel.js';
import { Knowledge } from '../knowledge/knowledge.js';
import { channelMetrics } from '../metrics.js';
import { ReceiptDesk } from './receipt-desk.js';

const zero = (): number => 0;
const FIGURES = {
  held: zero,
  inDoubt: zero,
  inDoubtLimit: zero,
  acceptedKnown: zero,
  acceptedEvicted: zero,
  unmatchedWaiting: zero,
  suppressions: zero,
};

describe('receipt desk', () => {
  let receipts: Receipt[];
  let unmatched: UnmatchedReceipt[];
  let knowledge: Knowledge;
  let desk: ReceiptDesk;
  let down: boolean;
  let traces: string[];
  let now: number;

  beforeEach(() => {
    receipts = [];
    unmatched = [];
    down = false;
    traces = [];
    now = 1_000;
    const send = (records: readonly OutgoingRecord[]): Promise<void> => {
      if (down) return Promise.reject(new Error('Kafka is away'));
      for (const { envelope } of records) {
        const unpacked = envelope && unpackEnvelope(envelope);
        if (unpacked?.type === 'tocsin.deliveries.v1.ReceiptRecord') {
          receipts.push(...unpacked.value.receipts);
          traces.push(envelope?.traceparent ?? '');
        }
        if (unpacked?.type === 'tocsin.deliveries.v1.UnmatchedReceipt') unmatched.push(unpacked.value);
      }
      return Promise.resolve();
    };
    knowledge = new Knowledge('any', (key) => desk.awaited(key));
    const producer = { send, sendForOffsets: () => Promise.resolve([]), close: () => Promise.resolve() };
    desk = new ReceiptDesk({
      channel: 'any',
      producer,
      clock: { ...systemClock, monotonic: () => now },
      knowledge,
      metrics: channelMetrics(createMetrics(), [], FIGURES),
      tracing: createTracing({ service: 'test', instanceId: 'test' }),
    });
  });

  const receipt = (providerId: string, state: ProviderReceipt['state'] = 'delivered'): ProviderReceipt => ({
    providerId,
    state,
    reason: '',
    code: '',
    occurredAt: 1,
  });
  const accepted = (index: number, ...providerIds: string[]): void =>
    knowledge.learn({
      campaignId: 'cmp_1',
      tenantId: 'ten_1',
      slice: 0,
      channel: 'any',
      attempts: [Attempt.fromPartial({ index, n: 1, outcome: Outcome.ACCEPTED, provider: 'p', providerIds })],
      lane: Lane.STANDARD,
      traceparent: '',
    });
  const states = (): [number, ReceiptState][] => receipts.map((one) => [one.index, one.state]);

  it('matches a receipt after its answer, as often as it is sent', async () => {
    accepted(3, 'A');
    await Promise.all([desk.take('p', receipt('A')), desk.take('p', receipt('A'))]);
    expect(states()).toEqual([
      [3, ReceiptState.DELIVERED],
      [3, ReceiptState.DELIVERED],
    ]);
  });

  it('keeps a receipt that comes before its attempt, and matches it when the attempt appears', async () => {
    await desk.take('p', receipt('A', 'failed'));
    expect(unmatched).toMatchObject([{ provider: 'p', providerId: 'A' }]);
    for (const one of unmatched) desk.unmatched(one);
    accepted(4, 'A');
    await desk.flush();
    expect(states()).toEqual([[4, ReceiptState.FAILED]]);
  });

  it('matches one read back only after its attempt has appeared', async () => {
    await desk.take('p', receipt('A'));
    accepted(4, 'A');
    for (const one of unmatched) desk.unmatched(one);
    await desk.flush();
    expect(states()).toEqual([[4, ReceiptState.DELIVERED]]);
  });

  it('of several campaigns go on with the trace of each, whether their record or its envelope names it', async () => {
    const [one, two] = ['a', 'b'].map((letter) => `00-${letter.repeat(32)}-${letter.repeat(16)}-01`);
    const learn = (campaignId: string, providerId: string, said: string | undefined, envelope = ''): void => {
      const attempts = [Attempt.fromPartial({ n: 1, outcome: Outcome.ACCEPTED, provider: 'p', providerIds: [providerId] })];
      knowledge.learn(
        AttemptRecord.fromPartial({ campaignId, tenantId: 'ten_1', channel: 'any', attempts, traceparent: said ?? '' }),
        envelope,
      );
    };
    learn('cmp_1', 'A', one, 'of a bundle');
    learn('cmp_2', 'B', undefined, two);
    await Promise.all([desk.take('p', receipt('A')), desk.take('p', receipt('B'))]);
    expect(traces).toEqual([one, two]);
  });

  it('does not mix providers', async () => {
    accepted(5, 'A');
    await desk.take('q', receipt('A'));
    expect(states()).toEqual([]);
    expect(unmatched).toHaveLength(1);
  });

  it('takes delivery of a message in parts from its last part, and failure from any', async () => {
    accepted(6, 'A', 'B');
    await desk.take('p', receipt('A'));
    expect(states()).toEqual([]);
    await desk.take('p', receipt('B'));
    await desk.take('p', receipt('A', 'failed'));
    expect(states()).toEqual([
      [6, ReceiptState.DELIVERED],
      [6, ReceiptState.FAILED],
    ]);
  });

  it('says of a failure that it is of a part, so that no receipt of another part outweighs it', async () => {
    accepted(6, 'A', 'B');
    await desk.take('p', receipt('B', 'failed'));
    await desk.take('p', receipt('A', 'expired'));
    expect(receipts.map((one) => [one.state, one.ofPart])).toEqual([
      [ReceiptState.FAILED, false],
      [ReceiptState.EXPIRED, true],
    ]);
  });

  it('tells the provider nothing while Kafka is away, so that it sends the receipt again', async () => {
    accepted(7, 'A');
    down = true;
    await expect(desk.take('p', receipt('A'))).rejects.toThrow('Kafka is away');
    down = false;
    now = 1_000;
    await desk.take('p', receipt('A'));
    expect(states()).toEqual([[7, ReceiptState.DELIVERED]]);
  });

  it('writes what has gathered for a while along with attempts, and what has just come not yet', async () => {
    accepted(1, 'a');
    const taken = desk.take('p', receipt('a'));
    desk.flushAlong();
    expect(receipts).toEqual([]);
    now += 40;
    desk.flushAlong();
    expect(receipts).toHaveLength(1);
    await taken;
  });
});
