import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectMongo, type MongoConnection } from '@tocsin/mongo';
import { startGround, type TestGround } from '@tocsin/testing';
import { createObservability } from '@tocsin/observability';
import { claimCodec, findClaims, keyOf, releaseClaims, takeClaims } from './claims.js';
import { LANES } from '../turns/lanes.js';
import { HashBuckets, type BucketDocument } from './hash-buckets.js';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });
const key = (name: string | number): string => keyOf(createHash('sha256').update(String(name)).digest().subarray(0, 16));
const keys = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => key(from + index));

describe('claims in buckets that split', () => {
  let ground: TestGround;
  let connections: MongoConnection[];

  /** As another process would: its own connection, and nothing remembered. */
  const process = async (index: number): Promise<HashBuckets> => {
    const connection = connections[index];
    if (!connection) throw new Error('no such process');
    return new HashBuckets(await connection.documents<BucketDocument>('buckets'), claimCodec, LANES.file);
  };

  beforeAll(async () => {
    ground = await startGround();
    connections = await Promise.all([0, 1].map(() => connectMongo(ground.mongoUri, `${ground.prefix}buckets`, deps)));
  });
  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await ground.stop();
  });

  it('finds everything again after many splits, from a process that remembers nothing', async () => {
    const all = keys(6_000);
    const first = await process(0);
    for (let at = 0; at < all.length; at += 1_500) {
      await takeClaims(
        first,
        'grow',
        all.slice(at, at + 1_500).map((each, index) => ({ key: each, place: at + index, kinds: 1 })),
      );
    }
    const found = await findClaims(await process(1), 'grow', [...all, ...keys(500, 1_000_000)]);
    expect(found.size).toBe(6_000);
    all.forEach((each, index) => expect(found.get(each)).toEqual({ place: index, kinds: 1 }));
  });

  it('gives each address to one of two processes that claim the same ones while buckets split', async () => {
    const all = keys(4_000, 50_000);
    const claimAll = async (index: number): Promise<Map<string, number>> => {
      const buckets = await process(index);
      const mine = new Map<string, number>();
      const order = index === 0 ? all : all.toReversed();
      for (let at = 0; at < order.length; at += 250) {
        const wanted = order.slice(at, at + 250).map((each, offset) => ({ key: each, place: index * 100_000 + at + offset, kinds: 1 }));
        const others = await takeClaims(buckets, 'race', wanted);
        for (const claim of wanted) mine.set(claim.key, others.get(claim.key)?.place ?? claim.place);
      }
      return mine;
    };
    const [one, other] = await Promise.all([claimAll(0), claimAll(1)]);
    const stored = await findClaims(await process(0), 'race', all);
    expect(stored.size).toBe(all.length);
    for (const each of all) expect([one.get(each), other.get(each)]).toEqual([stored.get(each)?.place, stored.get(each)?.place]);
    const owners = new Set([...stored.values()].map(({ place }) => place < 100_000));
    expect(owners.size, 'both won some').toBe(2);
  });

  it('splits again over what a crash left between children and mark', async () => {
    const documents = await (connections[0] as MongoConnection).documents<BucketDocument>('buckets');
    const buckets = await process(0);
    await takeClaims(
      buckets,
      'crash',
      keys(400).map((each, place) => ({ key: each, place, kinds: 1 })),
    );
    const root = await documents.get('crash:');
    // A split took version 2 for itself, wrote a child with one entry of its own that was never marked, and died.
    await documents.replace({ ...(root as BucketDocument) });
    await documents.insert({ _id: 'crash:0', v: 1, split: 0, from: 2, body: Buffer.alloc(22, 7) });
    await takeClaims(
      await process(1),
      'crash',
      keys(300, 400).map((each, index) => ({ key: each, place: 400 + index, kinds: 1 })),
    );
    expect((await documents.get('crash:'))?.split).toBeGreaterThan(0);
    const found = await findClaims(buckets, 'crash', [...keys(700), keyOf(Buffer.alloc(16, 7))]);
    expect(found.size, 'all claims and not the orphan').toBe(700);
  });

  it('adds kinds, keeps owners, and releases only what a place holds', async () => {
    const buckets = await process(0);
    await takeClaims(buckets, 'kinds', [{ key: key('a'), place: 1, kinds: 1 }]);
    expect(await takeClaims(buckets, 'kinds', [{ key: key('a'), place: 2, kinds: 4 }])).toEqual(
      new Map([[key('a'), { place: 1, kinds: 1 }]]),
    );
    expect((await takeClaims(buckets, 'kinds', [{ key: key('a'), place: 1, kinds: 4 }])).size).toBe(0);
    await releaseClaims(buckets, 'kinds', [key('a')], 2);
    expect(await findClaims(buckets, 'kinds', [key('a')])).toEqual(new Map([[key('a'), { place: 1, kinds: 5 }]]));
    await releaseClaims(buckets, 'kinds', [key('a')], 1);
    expect((await findClaims(buckets, 'kinds', [key('a')])).size).toBe(0);
  });
});
