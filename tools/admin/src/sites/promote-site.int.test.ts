import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectKafka, type KafkaConnection } from '@tocsin/kafka';
import { connectMongo, type MongoConnection } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import { errorOf, failTest, startGround, type TestGround } from '@tocsin/testing';
import { promoteSite, takeEpoch } from './promote-site.js';

const deps = createObservability({ service: 'test', instanceId: 'promote-test', logLevel: 'error' });
let ground: TestGround;
let kafka: KafkaConnection;
let tenants: MongoConnection;

beforeAll(async () => {
  ground = await startGround();
  kafka = connectKafka({ brokers: ground.brokers, clientId: 'promote-test', prefix: ground.prefix }, { ...deps, fail: failTest });
  tenants = await connectMongo({ uri: ground.mongoUri, security: undefined }, `${ground.prefix}tenants`, deps);
});
afterAll(async () => {
  await kafka.close(1_000);
  await tenants.close();
  await ground.stop();
});

describe('an epoch', () => {
  const reasonOf = async (site: string, epoch: number): Promise<string> => (await errorOf(takeEpoch(tenants, site, epoch, 1))).reason;

  it('is taken once and for one site, one after the other; the same site may take it again after a crash', async () => {
    expect(await reasonOf('A', 1)).toBe('EPOCH_OVER');
    expect(await reasonOf('A', 3)).toBe('EPOCH_SKIPPED');
    await takeEpoch(tenants, 'A', 2, 1);
    await takeEpoch(tenants, 'A', 2, 2);
    expect(await reasonOf('B', 2)).toBe('EPOCH_TAKEN');
    await takeEpoch(tenants, 'B', 3, 3);
  });

  it('has one winner when both sites want it at the same moment', async () => {
    const both = await Promise.allSettled(['A', 'B'].map((site) => takeEpoch(tenants, site, 4, 4)));
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

it('nothing is promoted, and no epoch taken, for a site that has no broker up', async () => {
  const failure = await errorOf(promoteSite({ kafka, tenants, mac: () => Buffer.alloc(32), now: () => 1 }, 'nowhere', 5));
  expect(failure.reason).toBe('SITE_AWAY');
  await takeEpoch(tenants, 'B', 5, 5);
});
