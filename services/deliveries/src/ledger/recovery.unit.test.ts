import { describe, expect, it } from 'vitest';
import { TOPICS, unpackEnvelope, type OutgoingRecord } from '@tocsin/contracts';
import { type Attempt, AttemptRecord, Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import type { DueRecord } from '@tocsin/contracts/deliveries/v1/due';
import type { TallyPart } from '@tocsin/contracts/deliveries/v1/tallies';
import type { TopicPartitionOffset } from '@tocsin/kafka';
import { ledgerOver, storeInMemory, TENANT, type LedgerOptions } from './ledger.fixture.test.js';
import type { LedgerStore } from './ledger-store.js';

const CAMPAIGN = 'cmp_00000000000000000000000000';
const ATTEMPTS = 'attempts';

/** A ledger whose Kafka can be taken away, and what it was given. */
function scene(store: LedgerStore, options: Pick<LedgerOptions, 'rules'> = {}) {
  const sent: OutgoingRecord[] = [];
  const commits: TopicPartitionOffset[] = [];
  const kafka = { away: false };
  const send = (records: readonly OutgoingRecord[]): Promise<void> => {
    if (kafka.away) return Promise.reject(new Error('Kafka is away'));
    sent.push(...records);
    return Promise.resolve();
  };
  const ledger = ledgerOver(store, undefined, { ...options, send, offsets: (offsets) => commits.push(...offsets) });
  const values = <T>(topic: string): T[] =>
    sent.filter((one) => one.topic === topic).flatMap(({ envelope }) => (envelope ? [unpackEnvelope(envelope).value as T] : []));
  return {
    ...ledger,
    kafka,
    tallies: () => values<TallyPart>(TOPICS.tallies.name),
    dues: () => values<DueRecord>(TOPICS.due.name),
    /** Offset after the last record of a topic that need not be read again; -1 = none. */
    committed: (topic: string) => Math.max(-1, ...commits.filter((one) => one.topic === topic).map(({ offset }) => offset)),
    async attempt(offset: number, values: Partial<Attempt> = {}): Promise<void> {
      const attempts = [{ index: 0, n: 1, outcome: Outcome.ACCEPTED, submittedAt: ledger.now(), answeredAt: ledger.now(), ...values }];
      const record = AttemptRecord.fromPartial({ campaignId: CAMPAIGN, tenantId: TENANT, slice: 0, channel: 'email', attempts });
      await ledger.fold(ATTEMPTS, offset, CAMPAIGN, 0, { kind: 'attempts', record });
      ledger.partition.taken.set(ATTEMPTS, offset + 1);
    },
    async planned(offset: number): Promise<void> {
      await ledger.plan(CAMPAIGN, 0, offset);
      ledger.partition.taken.set('planned', offset + 1);
    },
  };
}

describe('an offset of the ledger', () => {
  it('is not committed while its slice is not stored', async () => {
    const store = storeInMemory([]);
    let storing = false;
    const insert: typeof store.slices.insert = (document) =>
      storing ? store.slices.insert(document) : Promise.reject(new Error('the store is away'));
    const ledger = scene({ ...store, slices: { ...store.slices, insert } });
    await ledger.planned(7);
    await expect(ledger.roundAfter(2_000)).rejects.toThrow('the store is away');
    expect(ledger.committed('planned')).toBeLessThanOrEqual(7);
    storing = true;
    await ledger.roundAfter(2_000);
    await ledger.roundAfter(2_000);
    expect(ledger.committed('planned')).toBe(8);
  });

  it('is not committed while its tally has not left, though slice and part are stored', async () => {
    const store = storeInMemory([]);
    const ledger = scene(store);
    await ledger.planned(7);
    ledger.kafka.away = true;
    await ledger.roundAfter(2_000);
    await expect(ledger.roundAfter(2_000)).rejects.toThrow('Kafka is away');
    expect(await store.slices.get(`${CAMPAIGN}:0`)).not.toBeNull();
    expect(await store.parts.get(`${CAMPAIGN}:0`)).not.toBeNull();
    expect(ledger.committed('planned')).toBeLessThanOrEqual(7);
    ledger.kafka.away = false;
    await ledger.roundAfter(2_000);
    expect(ledger.committed('planned')).toBe(8);
    expect(ledger.tallies().at(-1)?.tally).toMatchObject({ recipients: 1, pending: 1 });
  });
});

describe('an owner killed between two steps', () => {
  it('after slice and part were stored: the facts read again tell the same counts again, each once', async () => {
    const store = storeInMemory([]);
    const before = scene(store);
    await before.planned(0);
    await before.attempt(0);
    before.kafka.away = true;
    await before.roundAfter(2_000);
    await before.roundAfter(2_000).catch(() => undefined);
    expect(before.tallies()).toEqual([]);

    const after = scene(store);
    await after.planned(0);
    await after.attempt(0);
    await after.roundAfter(2_000);
    await after.roundAfter(2_000);
    expect(after.tallies().at(-1)?.tally).toMatchObject({ recipients: 1, acceptedClosed: 1, terminal: 1, pending: 0 });
    expect(after.committed(ATTEMPTS)).toBe(1);
  });

  it('between the marker and the part: the next owner starts the part anew, and its tenant is known with the first fact', async () => {
    const store = storeInMemory([]);
    await store.markers.insert({ _id: `0:${CAMPAIGN}`, v: 1, campaignId: CAMPAIGN, partition: 0 });
    const ledger = scene(store);
    await ledger.partition.takeOver(await store.markers.all());
    await ledger.planned(0);
    await ledger.roundAfter(2_000);
    await ledger.roundAfter(2_000);
    expect(ledger.tallies().at(-1)).toMatchObject({ tenantId: TENANT, tally: { recipients: 1 } });
  });

  it('never between a part and its marker: the marker stands before the part does', async () => {
    const store = storeInMemory([]);
    const order: string[] = [];
    const ledger = scene({
      ...store,
      markers: { ...store.markers, insert: (marker) => (order.push('marker'), store.markers.insert(marker)) },
      parts: { ...store.parts, insert: (part) => (order.push('part'), store.parts.insert(part)) },
    });
    await ledger.planned(0);
    await ledger.roundAfter(2_000);
    await ledger.roundAfter(2_000);
    expect(order).toEqual(['marker', 'part']);
  });

  it('after a timer fired and before Kafka had its due: the next owner asks again, for the same attempt', async () => {
    const store = storeInMemory([]);
    const rules = { acceptedIsTerminal: false, retryDelays: [1_000] };
    const before = scene(store, { rules });
    await before.planned(0);
    await before.attempt(0, { outcome: Outcome.FAILED, retryable: true });
    await before.roundAfter(400);
    await before.roundAfter(400);
    before.kafka.away = true;
    for (let round = 0; round < 4; round += 1) await before.roundAfter(1_000).catch(() => undefined);
    expect(before.dues()).toEqual([]);

    const after = scene(store, { rules });
    await after.partition.takeOver(await store.markers.all());
    for (let round = 0; round < 6; round += 1) await after.roundAfter(1_000);
    expect(after.dues()).toMatchObject([
      { campaignId: CAMPAIGN, channel: 'email', slice: 0, items: [{ index: 0, n: 2 }], reason: 'RETRY' },
    ]);
  });
});

describe('two owners of one slice', () => {
  /** Both hold the slice as stored, each folds another fact, and the other stores its own first. */
  async function meet(one: ReturnType<typeof scene>, other: ReturnType<typeof scene>): Promise<void> {
    await one.planned(0);
    await one.roundAfter(2_000);
    await one.roundAfter(2_000);
    await other.attempt(5, { possibleDuplicate: true });
    await other.roundAfter(2_000);
    await other.roundAfter(2_000);
    await one.attempt(9, { n: 2, outcome: Outcome.FAILED });
  }

  it('who lost the guard reads what the other stored and folds its own facts again', async () => {
    const store = storeInMemory([]);
    const [one, other] = [scene(store), scene(store)];
    await meet(one, other);
    for (let round = 0; round < 4; round += 1) await one.roundAfter(2_000);
    const counts = one.tallies().at(-1)?.tally?.channels[0];
    expect(counts).toMatchObject({ deliveries: 1, accepted: 1, failed: 1, possibleDuplicates: 1 });
  });

  it('who lost the guard and cannot read what the other stored tries again later', async () => {
    const store = storeInMemory([]);
    let unread = 0;
    const get: typeof store.slices.get = (id) => (unread-- > 0 ? Promise.reject(new Error('the store is away')) : store.slices.get(id));
    const one = scene({ ...store, slices: { ...store.slices, get } });
    const other = scene(store);
    await meet(one, other);
    unread = 1;
    await expect(one.roundAfter(2_000)).rejects.toThrow('the store is away');
    for (let round = 0; round < 4; round += 1) await one.roundAfter(2_000);
    expect(one.committed(ATTEMPTS)).toBe(10);
    expect(one.tallies().at(-1)?.tally?.channels[0]).toMatchObject({ accepted: 1, failed: 1, possibleDuplicates: 1 });
  });

  it('one that was away between a slice and its part does not put its older counts over what the other told since', async () => {
    const store = storeInMemory([]);
    const rules = { retryDelays: [60_000] };
    let away = false;
    const replace: typeof store.parts.replace = (part) =>
      away ? Promise.reject(new Error('the store is away')) : store.parts.replace(part);
    const one = scene({ ...store, parts: { ...store.parts, replace } }, { rules });
    await one.planned(0);
    await one.roundAfter(2_000);
    await one.roundAfter(2_000);
    const refused = { outcome: Outcome.FAILED, retryable: true };
    away = true;
    await one.attempt(0, refused);
    await one.roundAfter(2_000);
    await expect(one.roundAfter(2_000)).rejects.toThrow('the store is away');

    const other = scene(store, { rules });
    await other.partition.takeOver(await store.markers.all());
    await other.attempt(0, refused);
    await other.attempt(1, { n: 2 });
    for (let round = 0; round < 4; round += 1) await other.roundAfter(2_000);
    expect(other.tallies().at(-1)?.tally).toMatchObject({ terminal: 1, pending: 0 });

    away = false;
    for (let round = 0; round < 4; round += 1) await one.roundAfter(2_000);
    expect(one.tallies().at(-1)?.tally).toMatchObject({ terminal: 1, pending: 0 });
  });

  it('one whose reading fails while it takes over what another stored takes over nothing of it yet', async () => {
    const store = storeInMemory([]);
    let [away, unread] = [false, 0];
    const replace: typeof store.parts.replace = (part) =>
      away ? Promise.reject(new Error('the store is away')) : store.parts.replace(part);
    const getMany: typeof store.slices.getMany = (ids) =>
      unread-- > 0 ? Promise.reject(new Error('the store is away again')) : store.slices.getMany(ids);
    const one = scene({
      slices: { ...store.slices, getMany },
      parts: { ...store.parts, replace },
      markers: store.markers,
      ended: store.ended,
    });
    await one.planned(0);
    await one.plan(CAMPAIGN, 1, 1);
    await one.roundAfter(2_000);
    await one.roundAfter(2_000);
    away = true;
    await one.attempt(0, { possibleDuplicate: true });
    await one.roundAfter(2_000);
    await expect(one.roundAfter(2_000)).rejects.toThrow('the store is away');

    const other = scene(store);
    await other.fold(ATTEMPTS, 1, CAMPAIGN, 1, {
      kind: 'attempts',
      record: AttemptRecord.fromPartial({
        campaignId: CAMPAIGN,
        tenantId: TENANT,
        slice: 1,
        channel: 'email',
        attempts: [{ index: 0, n: 1, outcome: Outcome.ACCEPTED, submittedAt: other.now(), answeredAt: other.now() }],
      }),
    });
    for (let round = 0; round < 4; round += 1) await other.roundAfter(2_000);
    expect(other.tallies().at(-1)?.tally).toMatchObject({ recipients: 2, terminal: 1 });

    [away, unread] = [false, 1];
    await expect(one.roundAfter(2_000)).rejects.toThrow('the store is away again');
    for (let round = 0; round < 4; round += 1) await one.roundAfter(2_000);
    expect(one.tallies().at(-1)?.tally).toMatchObject({ recipients: 2, terminal: 2 });
  });
});
