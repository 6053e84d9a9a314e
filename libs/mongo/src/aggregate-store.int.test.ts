import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '@tocsin/contracts';
import { createObservability } from '@tocsin/observability';
import { startGround, type TestGround } from '@tocsin/testing';
import type { AggregateDocument, Marker } from './aggregate-document.js';
import { type AggregateStore, openAggregateStore } from './aggregate-store.js';
import { connectMongo } from './connect.js';
import type { Documents, Guarded, MongoConnection } from './documents.js';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });

interface Count {
  readonly total: number;
}

/** An event without a payload; what it says is its key. */
function event(key: string): OutgoingRecord {
  const envelope = {
    type: 'x',
    eventId: key,
    tenantId: 'ten_1',
    lane: 0,
    status: 0,
    expiresAt: 0,
    traceparent: '',
    occurredAt: 1,
    epoch: 0,
    payload: Buffer.from(key),
  };
  return { topic: 'count.events.v1', key, envelope };
}

describe('aggregate store', () => {
  let ground: TestGround;
  let connection: MongoConnection;
  let collection = '';
  let published: string[] = [];
  const open: AggregateStore<Count>[] = [];
  let documents: Documents<AggregateDocument<Count>>;
  let markers: Documents<Marker>;

  beforeAll(async () => {
    ground = await startGround();
    connection = await connectMongo(ground.mongoUri, `${ground.prefix}aggregates`, deps);
  });
  afterAll(async () => {
    await connection.close();
    await ground.stop();
  });

  /** A fresh collection each test; `publish` may fail. */
  async function scene(name: string): Promise<void> {
    collection = name;
    published = [];
    documents = await connection.documents(name);
    markers = await connection.documents(`${name}_markers`);
  }
  async function store(
    publish?: (records: readonly OutgoingRecord[]) => Promise<void>,
    now = Date.now,
    through = connection,
  ): Promise<AggregateStore<Count>> {
    const note = async (records: readonly OutgoingRecord[]): Promise<void> => {
      published.push(...records.map((record) => `${record.key}@${record.envelope?.epoch}`));
    };
    const traceparent = (): string => 'the trace of who decides';
    const opened = await openAggregateStore<Count>(through, {
      collection,
      publish: publish ?? note,
      logger: deps.logger,
      now,
      traceparent,
    });
    open.push(opened);
    return opened;
  }
  it('publishes what a dead process owed within the trace of who decided it', async () => {
    await scene('traced');
    const away = await store(() => Promise.reject(new Error('Kafka is away')));
    await away.create('a', { state: { total: 1 }, events: [event('e1')] });
    await stopAll();
    const traces: string[] = [];
    await store(async (records) => void traces.push(...records.map(({ envelope }) => envelope?.traceparent ?? '')));
    await until(() => traces.length > 0);
    expect(traces).toEqual(['the trace of who decides']);
    await stopAll();
  });

  async function stopAll(): Promise<void> {
    await Promise.all(open.splice(0).map((opened) => opened.stop()));
  }
  async function until(what: () => Promise<boolean> | boolean, limitMs = 15_000): Promise<void> {
    const end = performance.now() + limitMs;
    while (!(await what())) {
      if (performance.now() > end) throw new Error('it did not come to pass');
      await pause(50);
    }
  }

  it('publishes after the write, with the version, and leaves neither marker nor outbox behind', async () => {
    await scene('plain');
    const counts = await store();
    expect(await counts.create('a', { state: { total: 1 }, events: [event('made')] })).toEqual({ state: { total: 1 }, version: 1 });
    expect(await counts.create('a', { state: { total: 9 }, events: [event('again')] })).toBeNull();
    expect(await counts.update('a', (state, version) => ({ state: { total: state.total + version }, events: [event('up')] }))).toEqual({
      state: { total: 2 },
      version: 2,
    });
    await until(() => published.length === 2);
    expect(published).toEqual(['made@1', 'up@2']);
    await until(async () => (await markers.all()).length === 0 && (await documents.get('a'))?.outbox.length === 0);
    expect(published).toEqual(['made@1', 'up@2']);
    expect(await counts.update('none', () => null)).toBeNull();
    await stopAll();
  });

  it('says whether Kafka has what was decided, by whatever process, and publishes what one left behind', async () => {
    await scene('told');
    const deaf = await store(() => Promise.reject(new Error('Kafka is away')));
    await deaf.create('a', { state: { total: 1 }, events: [event('made')] });
    expect(await deaf.told('a', 200)).toBe(false);
    const mute = await store(() => new Promise(() => undefined));
    expect(await mute.told('a', 200)).toBe(false);
    const counts = await store();
    expect(await counts.told('a', 5_000)).toBe(true);
    expect(published).toContain('made@1');
    expect(await counts.told('none', 200)).toBe(true);
    await Promise.all(open.splice(0).map((opened) => Promise.race([opened.stop(), pause(500)])));
  });

  it('decides on what was just read without reading it again, and again on what stands when that was stale', async () => {
    await scene('seen');
    let reads = 0;
    const counting: MongoConnection = {
      ...connection,
      async documents<T extends Guarded>(name: string): Promise<Documents<T>> {
        const own = await connection.documents<T>(name);
        if (name !== collection) return own;
        return new Proxy(own, {
          get: (target, key): unknown => {
            if (key === 'get') reads += 1;
            const value: unknown = Reflect.get(target, key);
            return typeof value === 'function' ? (value.bind(target) as unknown) : value;
          },
        });
      },
    };
    const counts = await store(undefined, Date.now, counting);
    const up = (state: Count): { state: Count; events: OutgoingRecord[] } => ({ state: { total: state.total + 1 }, events: [] });
    await counts.create('a', { state: { total: 1 }, events: [] });
    const seen = await counts.get('a');
    if (!seen) throw new Error('it has just been made');
    reads = 0;
    expect(await counts.update('a', up, seen)).toEqual({ state: { total: 2 }, version: 2 });
    expect(reads).toBe(0);
    expect(await counts.update('a', up, seen)).toEqual({ state: { total: 3 }, version: 3 });
    expect(reads).toBe(1);
    await stopAll();
  });

  it('makes one of 64 creates, and counts 64 updates from two stores to 64', async () => {
    await scene('race');
    const [left, right] = [await store(), await store()];
    const made = await Promise.all(
      Array.from({ length: 64 }, (_, n) => (n % 2 ? left : right).create('a', { state: { total: 0 }, events: [] })),
    );
    expect(made.filter(Boolean)).toHaveLength(1);
    const up = (state: Count): { state: Count; events: OutgoingRecord[] } => ({ state: { total: state.total + 1 }, events: [event('up')] });
    await Promise.all(Array.from({ length: 64 }, (_, n) => (n % 2 ? left : right).update('a', up)));
    expect(await left.get('a')).toEqual({ state: { total: 64 }, version: 65 });
    await until(async () => (await markers.all()).length === 0);
    expect(new Set(published).size).toBe(64);
    await stopAll();
  });

  it('publishes at the next start what a process owed when it died between write and publication, in version order', async () => {
    await scene('died');
    const dying = await store(() => Promise.reject(new Error('killed')));
    await dying.create('a', { state: { total: 1 }, events: [event('one')] });
    await dying.update('a', () => ({ state: { total: 2 }, events: [event('two'), event('three')] }));
    await stopAll();
    expect((await markers.all()).map((marker) => marker._id)).toEqual(['a:1', 'a:2']);
    await store();
    await until(async () => (await markers.all()).length === 0);
    expect(published).toEqual(['one@1', 'two@2', 'three@2']);
    await stopAll();
  });

  it('keeps a marker whose version never came for 24 hours, then drops it', async () => {
    await scene('never');
    const at = Date.now();
    await markers.insert({ _id: 'ghost:1', v: 1, aggregate: 'ghost', version: 1, at });
    await documents.insert({ _id: 'b', v: 1, version: 1, state: { total: 1 }, outbox: [] });
    await markers.insert({ _id: 'b:1', v: 1, aggregate: 'b', version: 1, at });
    await markers.insert({ _id: 'b:2', v: 1, aggregate: 'b', version: 2, at });
    await store(undefined, () => at + 23 * 3_600_000);
    await until(async () => (await markers.get('b:1')) === null);
    expect((await markers.all()).map((marker) => marker._id)).toEqual(['b:2', 'ghost:1']);
    await stopAll();
    await store(undefined, () => at + 25 * 3_600_000);
    await until(async () => (await markers.all()).length === 0);
    expect(published).toEqual([]);
    await stopAll();
  });

  it('lets decide refuse, writes the marker first, and gives up with ABORTED when the guard is lost ten times', async () => {
    await scene('refuse');
    const counts = await store();
    await counts.create('a', { state: { total: 1 }, events: [] });
    await expect(
      counts.update('a', () => {
        throw new RangeError('refused');
      }),
    ).rejects.toThrow(RangeError);
    expect(await counts.get('a')).toEqual({ state: { total: 1 }, version: 1 });
    let tries = 0;
    let stolen = 0;
    // A foreign writer is always faster: its guarded write is acknowledged before the store's goes out.
    const overtaken: MongoConnection = {
      ...connection,
      documents: async <T extends Guarded>(name: string): Promise<Documents<T>> => {
        const own = await connection.documents<T>(name);
        if (name !== collection) return own;
        const replace = async (document: T): Promise<boolean> => {
          const standing = await own.get(document._id);
          if (standing && (await own.replace(standing))) stolen += 1;
          return own.replace(document);
        };
        return new Proxy(own, {
          get: (target, name): unknown => {
            const value: unknown = name === 'replace' ? replace : Reflect.get(target, name);
            return typeof value === 'function' ? (value.bind(target) as unknown) : value;
          },
        });
      },
    };
    const beaten = await store(undefined, Date.now, overtaken);
    const update = beaten.update('a', (state) => {
      tries += 1;
      return { state, events: [event('e')] };
    });
    await expect(update).rejects.toMatchObject({ code: 'ABORTED' });
    expect([tries, stolen]).toEqual([10, 10]);
    // The version never came, and yet its marker stands: it is always written before the state.
    expect(await markers.get('a:2')).not.toBeNull();
    expect(published).toEqual([]);
    await stopAll();
  });
});
