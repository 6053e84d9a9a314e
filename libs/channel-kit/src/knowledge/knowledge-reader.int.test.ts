import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOPICS, attemptsTopic, channelTopicSpecs, newId, record, sliceKey } from '@tocsin/contracts';
import { AttemptRecord, Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { connectKafka, type KafkaConnection, type TailOptions } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { failTest, startGround, type TestGround } from '@tocsin/testing';
import { OwnRecords } from '../pipeline/own-records.js';
import { Knowledge } from './knowledge.js';
import { KnowledgeReader } from './knowledge-reader.js';

const CHANNEL = 'sms';
const CAMPAIGN = newId('cmp');
/** ms: further ahead than the margin that the reader allows for clocks, so that it begins behind everything written so far. */
const AHEAD = 300_000;
const deps = createObservability({ service: 'test', instanceId: 'knowledge-test', logLevel: 'error' });

let ground: TestGround;
let kafka: KafkaConnection;

const attempt = (slice: number, index: number, eventId = newId('evt')): Promise<void> => {
  const attempts = [{ index, n: 1, outcome: Outcome.ACCEPTED, provider: 'p', providerIds: [`${slice}-${index}`] }];
  const value = AttemptRecord.fromPartial({ campaignId: CAMPAIGN, tenantId: 'ten_1', slice, channel: CHANNEL, attempts });
  const meta = { tenantId: 'ten_1', occurredAt: Date.now(), eventId };
  return kafka
    .producer()
    .send([record(attemptsTopic(CHANNEL), sliceKey(CAMPAIGN, slice), 'tocsin.deliveries.v1.AttemptRecord', value, meta)]);
};

beforeAll(async () => {
  ground = await startGround();
  kafka = connectKafka({ brokers: ground.brokers, clientId: 'knowledge-test', prefix: ground.prefix }, { ...deps, fail: failTest });
  await kafka.ensureTopics([
    TOPICS.suppressions,
    TOPICS.campaignStops,
    TOPICS.operatorControls,
    TOPICS.capacity,
    ...channelTopicSpecs(CHANNEL, 4),
  ]);
});

afterAll(async () => {
  await kafka.close(5_000);
  await ground.stop();
});

describe('knowledge on the real ground', () => {
  it('reads older attempts once when a grant read again is older than what is known, and not for one that is younger', async () => {
    for (let slice = 0; slice < 12; slice++) await attempt(slice, slice);
    const knowledge = new Knowledge(CHANNEL, () => undefined);
    const own = new OwnRecords();
    const histories: string[] = [];
    const tail = (options: TailOptions): ReturnType<KafkaConnection['tail']> => {
      if (options.name.endsWith('-history')) histories.push(options.name);
      return kafka.tail(options);
    };
    const reader = new KnowledgeReader({
      channel: CHANNEL,
      kafka: Object.assign(Object.create(kafka) as KafkaConnection, { tail }),
      logger: deps.logger,
      knowledge,
      own,
      attemptsSince: Date.now() + AHEAD,
      stopped: () => undefined,
      controlled: () => undefined,
      unmatched: () => undefined,
      capacity: () => undefined,
    });
    await reader.start();
    await reader.caughtUp(20_000);
    const known = (): number[] =>
      Array.from({ length: 12 }, (_, slice) => slice).filter((slice) => knowledge.attempts.attempted(sliceKey(CAMPAIGN, slice), slice, 1));
    expect(known()).toEqual([]);

    await reader.attemptsSince(Date.now() + AHEAD);
    expect(histories).toEqual([]);
    await Promise.all([reader.attemptsSince(Date.now()), reader.attemptsSince(Date.now() - 1), reader.attemptsSince(Date.now())]);
    expect(known()).toHaveLength(12);
    expect(knowledge.accepted.match('p:3-3')).toMatchObject({ campaignId: CAMPAIGN, slice: 3, index: 3 });
    expect(histories.length).toBeLessThanOrEqual(2);

    // What comes later is read by the tail that has been running all along; what this instance wrote itself, and knows, is not learnt once more.
    const mine = newId('evt');
    own.wrote(mine);
    await attempt(13, 7, mine);
    await attempt(12, 7);
    await expect.poll(() => knowledge.attempts.attempted(sliceKey(CAMPAIGN, 12), 7, 1), { timeout: 20_000 }).toBe(true);
    await reader.caughtUp(20_000);
    expect(knowledge.attempts.attempted(sliceKey(CAMPAIGN, 13), 7, 1)).toBe(false);
    await reader.stop();
  });
});
