import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGround, type TestGround } from '@tocsin/testing';
import { connectMongo } from './connect.js';
import type { Documents, Guarded, MongoConnection } from './documents.js';
import { createObservability } from '@tocsin/observability';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });

interface Item extends Guarded {
  readonly value: number;
  readonly bytes?: Buffer;
  readonly nested?: { readonly list: readonly { readonly hash: Buffer; readonly text: string }[]; readonly big: number };
}

/** Documents of the timed collection. */
const MANY = 20_000;
/** Milliseconds a point read or guarded write may take at the median, whatever the backend. */
const MEDIAN_MS = 10;

/** What Tocsin relies on, run against whatever ground is there (embedded, or a real MongoDB by its address). */
describe('portable subset', () => {
  let ground: TestGround;
  let connection: MongoConnection;
  let items: Documents<Item>;

  beforeAll(async () => {
    ground = await startGround();
    connection = await connectMongo(ground.mongoUri, `${ground.prefix}subset`, deps);
    items = await connection.documents<Item>('items');
  });
  afterAll(async () => {
    await connection.close();
    await ground.stop();
  });

  it('gives a claim to one of 64 that insert the same _id at once', async () => {
    const won = await Promise.all(Array.from({ length: 64 }, (_, value) => items.insert({ _id: 'claim', v: 1, value })));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await items.get('claim'))?.value).toBe(won.indexOf(true));
  });

  it('gives a guarded replace to one of 64 that read the same version', async () => {
    await items.insert({ _id: 'guard', v: 1, value: -1 });
    const won = await Promise.all(Array.from({ length: 64 }, (_, value) => items.replace({ _id: 'guard', v: 1, value })));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await items.get('guard')).toEqual({ _id: 'guard', v: 2, value: won.indexOf(true) });
  });

  it('loses nothing when 16 writers count up by read and guarded replace', async () => {
    await items.insert({ _id: 'count', v: 1, value: 0 });
    const countUp = async (): Promise<void> => {
      for (;;) {
        const stored = await items.get('count');
        if (stored && (await items.replace({ ...stored, value: stored.value + 1 }))) return;
      }
    };
    await Promise.all(Array.from({ length: 16 }, countUp));
    expect(await items.get('count')).toEqual({ _id: 'count', v: 17, value: 16 });
  });

  it('refuses to replace what is not there and to remove what has changed', async () => {
    expect(await items.replace({ _id: 'absent', v: 1, value: 1 })).toBe(false);
    expect(await items.get('absent')).toBeNull();
    await items.insert({ _id: 'gone', v: 1, value: 1 });
    await items.replace({ _id: 'gone', v: 1, value: 2 });
    expect(await items.removeGuarded({ _id: 'gone', v: 1 })).toBe(false);
    expect(await items.removeGuarded({ _id: 'gone', v: 2 })).toBe(true);
    expect(await items.remove('gone')).toBe(false);
  });

  it('gives bytes back as Buffers, however deep, and numbers beyond 32 bits exact', async () => {
    const written: Item = {
      _id: 'bytes',
      v: 1,
      value: 2 ** 31 + 7,
      bytes: randomBytes(1_000),
      nested: {
        list: [
          { hash: randomBytes(16), text: 'Forêt-la-Tempête ✓' },
          { hash: Buffer.alloc(0), text: '' },
        ],
        big: 1_795_000_000_123,
      },
    };
    await items.insert(written);
    const read = await items.get('bytes');
    expect(read).toEqual(written);
    expect(Buffer.isBuffer(read?.bytes)).toBe(true);
    expect(Buffer.isBuffer(read?.nested?.list[0]?.hash)).toBe(true);
    await items.replace({ ...written, bytes: Buffer.from('00ff', 'hex') });
    expect((await items.get('bytes'))?.bytes).toEqual(Buffer.from('00ff', 'hex'));
  });

  it('answers getMany in the order asked, null where absent, repeated ids included', async () => {
    const small = await connection.documents<Item>('small');
    for (const value of [1, 2, 3]) await small.insert({ _id: `n${value}`, v: 1, value });
    const read = await small.getMany(['n3', 'none', 'n1', 'n3']);
    expect(read.map((item) => item?.value ?? null)).toEqual([3, null, 1, 3]);
    expect(await small.getMany([])).toEqual([]);
    await expect(small.getMany(Array.from({ length: 501 }, String))).rejects.toThrow(RangeError);
    expect((await small.all()).map((item) => item._id)).toEqual(['n1', 'n2', 'n3']);
  });

  it(`reads and replaces in <= ${MEDIAN_MS} ms (median) among ${MANY} documents`, async () => {
    const many = await connection.documents<Item>('many');
    let next = 0;
    const filler = async (): Promise<void> => {
      for (let at = next++; at < MANY; at = next++) await many.insert({ _id: `doc:${at}`, v: 1, value: at });
    };
    await Promise.all(Array.from({ length: 12 }, filler));
    const reads: number[] = [];
    const writes: number[] = [];
    for (let step = 0; step < 60; step += 1) {
      const id = `doc:${(step * 331) % MANY}`;
      let started = performance.now();
      const stored = await many.get(id);
      reads.push(performance.now() - started);
      if (!stored) throw new Error(`${id} is missing`);
      started = performance.now();
      expect(await many.replace({ ...stored, value: -1 })).toBe(true);
      writes.push(performance.now() - started);
    }
    expect(median(reads)).toBeLessThanOrEqual(MEDIAN_MS);
    expect(median(writes)).toBeLessThanOrEqual(MEDIAN_MS);
  });

  it('says within its deadline that the store cannot be reached, as UNAVAILABLE', async () => {
    const started = performance.now();
    await expect(connectMongo('mongodb://127.0.0.1:1', `${ground.prefix}none`, deps)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'STORE_UNAVAILABLE',
    });
    expect(performance.now() - started).toBeLessThan(6_000);
  });
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
