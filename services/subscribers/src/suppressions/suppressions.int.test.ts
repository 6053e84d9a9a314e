import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, type OutgoingRecord } from '@tocsin/contracts';
import { connectMongo, type MongoConnection } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import { startGround, type TestGround } from '@tocsin/testing';
import { HashBuckets, type BucketDocument } from '../register/hash-buckets.js';
import { LANES } from '../turns/lanes.js';
import { suppressionCodec } from './suppression-codec.js';
import { Suppressions } from './suppressions.js';

const observed = createObservability({ service: 'test', instanceId: 'suppressions-test', logLevel: 'error' });

describe('a STOP, cut off between its two steps', () => {
  let ground: TestGround;
  let mongo: MongoConnection;

  beforeAll(async () => {
    ground = await startGround();
    mongo = await connectMongo(ground.mongoUri, `${ground.prefix}subscribers`, observed);
  });
  afterAll(async () => {
    await mongo.close();
    await ground.stop();
  });

  /** As another process would: nothing remembered. */
  async function process(publish: (records: readonly OutgoingRecord[]) => Promise<void>): Promise<Suppressions> {
    const buckets = new HashBuckets(await mongo.documents<BucketDocument>('suppressions'), suppressionCodec, LANES.person);
    return new Suppressions(buckets, publish, () => performance.now());
  }

  it('holds before channels are told of it, and is told by who reads the reply again', async () => {
    const tenantId = newId('ten');
    const addressHash = Buffer.alloc(16, 5);
    const wish = { tenantId, channel: 'sms', addressHash, stop: ['*'], source: 'sms-stop', at: 1_000 };
    let stored = false;
    const dying = await process(async () => {
      stored = (await (await process(async () => undefined)).of(tenantId)).has('sms', addressHash, 'alert');
      throw new Error('killed before Kafka had it');
    });
    await expect(dying.apply([wish])).rejects.toThrow('killed');
    expect(stored).toBe(true);

    const told: string[] = [];
    const next = await process(async (records) => void told.push(...records.map(({ key }) => key)));
    await next.apply([wish]);
    expect(told).toEqual([`${tenantId}:sms:${addressHash.toString('hex')}`]);
  });
});
