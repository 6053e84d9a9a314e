import { TOPICS } from '@tocsin/contracts';
import { createObservability } from '@tocsin/observability';
import { failTest, startGround, type TestGround } from '@tocsin/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectKafka } from './connect.js';
import type { KafkaConnection } from './connection.js';
import { journalOf, type JournalRecord } from './journal.js';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });
const { name: topic } = TOPICS.registerEvents;
const place = { topic, partition: 2 };

describe('a journal', () => {
  let ground: TestGround;
  let kafka: KafkaConnection;

  beforeAll(async () => {
    ground = await startGround();
    kafka = connectKafka({ brokers: ground.brokers, clientId: 'journal-test', prefix: ground.prefix }, { ...deps, fail: failTest });
    await kafka.ensureTopics([TOPICS.registerEvents]);
  });
  afterAll(async () => {
    await kafka.close(5_000);
    await ground.stop();
  });

  it('writes records with their times, and reads them as they are', async () => {
    const journal = journalOf(kafka);
    const began = Date.now() - 100_000;
    const records = Array.from({ length: 2_500 }, (_, at) => ({
      key: Buffer.from(`k${at}`),
      value: at % 7 === 0 ? null : Buffer.alloc(at % 50, at),
      timestamp: began + at,
    }));
    expect(await journal.write(place, records)).toBe(0);
    const read: JournalRecord[] = [];
    await journal.read(place, 10, 2_000, async (some) => void read.push(...some));
    expect(read).toEqual(records.slice(10, 2_000).map((record, at) => ({ ...record, offset: at + 10 })));
    const at = async (time: number) => (await journal.offsetsAt(topic, time)).find(({ partition }) => partition === 2)?.offset;
    expect([await at(began + 1_234), await at(began + 1_000_000)]).toEqual([1_234, 2_500]);
    expect(await journal.topics()).toContain(topic);
  });

  it('commits for a group that has no members, and reads what was committed', async () => {
    const journal = journalOf(kafka);
    expect(await journal.committed('restored', [place])).toEqual([]);
    await journal.commit('restored', [{ ...place, offset: 42 }]);
    expect(await journal.committed('restored', [place, { topic, partition: 3 }])).toEqual([{ ...place, offset: 42 }]);
    const read: number[] = [];
    const group = kafka.group({
      group: 'restored',
      topics: [topic],
      assigner: 'copartition',
      from: 'end',
      commit: 'manual',
      onBatch: async (batch) => void read.push(...batch.records.map(({ offset }) => offset)),
    });
    await group.start();
    // The values are no envelopes: what matters is where reading began, which the group tells itself.
    await expect.poll(async () => (await group.committed([topic])).find(({ partition }) => partition === 2)?.offset).toBe(42);
    await group.stop();
  });
});
