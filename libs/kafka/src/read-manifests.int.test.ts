import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { record, TOPICS, type OutgoingRecord } from '@tocsin/contracts';
import { Manifest } from '@tocsin/contracts/channels/v1/channels';
import { createObservability } from '@tocsin/observability';
import { failTest, startGround, waitUntil, type TestGround } from '@tocsin/testing';
import { connectKafka } from './connect.js';
import type { KafkaConnection } from './connection.js';
import { readManifests, type ManifestChange } from './read-manifests.js';

const WAIT_MS = 30_000;

describe('which channels exist', () => {
  let ground: TestGround;
  let kafka: KafkaConnection;

  beforeAll(async () => {
    ground = await startGround();
    const deps = createObservability({ service: 'test', instanceId: 'manifests-test', logLevel: 'error' });
    kafka = connectKafka({ brokers: ground.brokers, clientId: 'manifests-test', prefix: ground.prefix }, { ...deps, fail: failTest });
    await kafka.ensureTopics([TOPICS.manifests]);
  });
  afterAll(async () => {
    await kafka.close(5_000);
    await ground.stop();
  });

  it('is known at the start and followed after, past a damaged announcement and up to a withdrawal', async () => {
    const good = announcement('sms');
    const damaged = { ...good, envelope: good.envelope && { ...good.envelope, payload: Buffer.from('0affffffff0f', 'hex') } };
    await kafka.producer().send([good, damaged, announcement('email')]);
    const changes: ManifestChange[] = [];
    const reader = readManifests(kafka, 'manifests-test', (some) => void changes.push(...some));
    await reader.start();
    expect(seen(changes)).toEqual(['+sms', '+email']);

    await kafka.producer().send([{ topic: TOPICS.manifests.name, key: 'sms', envelope: null }]);
    await waitUntil('the withdrawal', () => Promise.resolve(changes.length > 2), WAIT_MS);
    expect(seen(changes)).toEqual(['+sms', '+email', '-sms']);
    await reader.stop();
  });
});

function announcement(channel: string): OutgoingRecord {
  const manifest = Manifest.fromPartial({ channel, shares: 4 });
  return record(TOPICS.manifests.name, channel, 'tocsin.channels.v1.Manifest', manifest, { tenantId: '', occurredAt: Date.now() });
}

function seen(changes: readonly ManifestChange[]): string[] {
  return changes.map(({ channel, manifest }) => `${manifest ? '+' : '-'}${channel}`);
}
