import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { record, TOPICS } from '@tocsin/contracts';
import { ChannelBacklog } from '@tocsin/contracts/routing/v1/backlogs';
import { connectKafka, type KafkaConnection } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { failTest, startGround, type TestGround, waitUntil } from '@tocsin/testing';
import { ChannelLoads } from './channel-loads.js';

const deps = createObservability({ service: 'test', instanceId: 'loads-test', logLevel: 'error' });
const SETTLES = 30_000;

let ground: TestGround;
let kafka: KafkaConnection;

async function say(channel: string, rate: number, epoch: number, at = Date.now()): Promise<void> {
  const value = ChannelBacklog.fromPartial({ channel, rate, at });
  const meta = { tenantId: '', occurredAt: Date.now(), epoch };
  await kafka.producer().send([record(TOPICS.backlogs.name, channel, 'tocsin.routing.v1.ChannelBacklog', value, meta)]);
}

beforeAll(async () => {
  ground = await startGround();
  kafka = connectKafka({ brokers: ground.brokers, clientId: 'loads-test', prefix: ground.prefix }, { ...deps, fail: failTest });
  await kafka.ensureTopics([TOPICS.backlogs, TOPICS.operatorControls]);
}, 60_000);

afterAll(async () => {
  await kafka.close(5_000);
  await ground.stop();
});

describe('what the channels say on a real broker', () => {
  it('is known at the start, follows each word, and a former owner says nothing any more', async () => {
    await say('sms', 400, 3);
    const heard: string[] = [];
    const loads = new ChannelLoads(kafka, Date.now(), ({ channel, rate }) => heard.push(`${channel} ${rate}`));
    await loads.start();
    expect(loads.of('sms')?.rate).toBe(400);
    expect(loads.of('email')).toBeUndefined();
    await say('sms', 100, 2);
    await say('email', 200, 1);
    await say('sms', 300, 4);
    await waitUntil('the new owner', async () => loads.of('sms')?.rate === 300, SETTLES);
    expect(heard).toEqual(['sms 400', 'email 200', 'sms 300']);
    await loads.stop();
  }, 60_000);

  it('a provider that is gone for a moment still counts, one that is gone for long does not', async () => {
    const loads = new ChannelLoads(kafka, Date.now(), () => undefined);
    await loads.start();
    const now = Date.now();
    await say('fax', 50, 1, now);
    await say('fax', 0, 1, now + 20_000);
    await say('post', 10, 1, now);
    await say('post', 0, 1, now + 31_000);
    await waitUntil('all of it', async () => loads.of('post')?.at === now + 31_000, SETTLES);
    expect([loads.of('fax')?.rate, loads.of('post')?.rate]).toEqual([50, 0]);
    await loads.stop();
  }, 60_000);
});
