import { describe, expect, it } from 'vitest';
import { packEnvelope, TOPICS } from '@tocsin/contracts';
import { TallyPart } from '@tocsin/contracts/deliveries/v1/tallies';
import type { GroupConsumerOptions, KafkaConnection, RecordBatch } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { TallyConsumer, type TallyConsumerDeps } from './tally-consumer.js';

const CAMPAIGN = 'cmp_00000000000000000000000000';
const { logger } = createObservability({ service: 'test', instanceId: 'tally-test', logLevel: 'error' });

function consumerWith(store: TallyConsumerDeps['store']) {
  const options: GroupConsumerOptions[] = [];
  const group = (given: GroupConsumerOptions) => {
    options.push(given);
    return { start: () => Promise.resolve(), stop: () => Promise.resolve(), commit: () => Promise.resolve() };
  };
  const consumer = new TallyConsumer({
    kafka: { group } as unknown as KafkaConnection,
    logger,
    store,
    changed: () => undefined,
    held: () => Promise.resolve(),
    noticed: () => Promise.resolve(),
  });
  const part = TallyPart.fromPartial({ campaignId: CAMPAIGN, partition: 0, sequence: 1, tally: {} });
  const envelope = packEnvelope('tocsin.deliveries.v1.TallyPart', part, { tenantId: '', occurredAt: 1 });
  const place = { topic: TOPICS.tallies.name, partition: 0 };
  const batch = { ...place, highWatermark: 1, records: [{ ...place, offset: 0, key: CAMPAIGN, timestamp: 1, envelope }] };
  return { consumer, hears: () => options[0]?.onBatch(batch satisfies RecordBatch) };
}

describe('a consumer of tallies', () => {
  it('stays alive while the store refuses it, keeps what it was told and stores it when the store is back', async () => {
    let away = true;
    const stored: string[] = [];
    const { consumer, hears } = consumerWith((campaignId) => {
      if (away) return Promise.reject(new Error('the store is away'));
      stored.push(campaignId);
      return Promise.resolve(true);
    });
    await consumer.start();
    await hears();
    const before = consumer.progress;
    await expect.poll(() => consumer.progress).toBeGreaterThan(before + 1);
    expect(consumer.hasWork()).toBe(true);
    away = false;
    await expect.poll(() => stored).toEqual([CAMPAIGN]);
    expect(consumer.hasWork()).toBe(false);
    await consumer.stop();
  });

  it('is stuck when the store never answers', async () => {
    const { consumer, hears } = consumerWith(() => new Promise(() => undefined));
    await consumer.start();
    await hears();
    await expect.poll(() => consumer.hasWork()).toBe(false);
    const at = consumer.progress;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(consumer.progress).toBe(at);
  });
});
