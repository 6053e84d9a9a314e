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
import { NO_FIGURES } from '../figures.fixture.test.js';
import { Knowledge } from '../knowledge/knowledge.js';
import { channelMetrics } from '../metrics.js';
import { ReceiptDesk } from './receipt-desk.js';

/** Receipts a second, where a test does not ask for fewer. */
const RATE = 1_000_000;

describe('receipt desk', () => {
  let receipts: Receipt[];
  let unmatched: UnmatchedReceipt[];
  let knowledge: Knowledge;
  let desk: ReceiptDesk;
  let at: (ratePerSecond: number) => void;
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
    at = (ratePerSecond) => {
      desk = new ReceiptDesk({
        channel: 'any',
        producer,
        clock: { ...systemClock, monotonic: () => now },
        knowledge,
        metrics: channelMetrics(createMetrics(), [], NO_FIGURES),
        tracing: createTracing({ service: 'test', instanceId: 'test' }),
        ratePerSecond,
      });
    };
    at(RATE);
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

  it('takes no more a second than it may: the rest wait, and are answered when Kafka has them', async () => {
    at(10);
    accepted(1, 'a');
    accepted(2, 'b');
    await desk.take('p', receipt('a'));
    const beyond = desk.take('p', receipt('b'));
    await desk.flush();
    expect([states().length, desk.waiting]).toEqual([1, 1]);
    now += 100;
    await beyond;
    expect([states().length, desk.waiting]).toEqual([2, 0]);
  });

  it('leaves those whose turn has not come to their provider when it ends', async () => {
    at(10);
    accepted(1, 'a');
    const first = desk.take('p', receipt('a'));
    void desk.take('p', receipt('a'));
    await desk.close();
    await first;
    expect([states().length, desk.waiting]).toEqual([1, 0]);
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
