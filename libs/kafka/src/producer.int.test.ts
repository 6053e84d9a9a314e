import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { startGround, type TestGround } from '@tocsin/testing';
import { numbered, numberOf, open, spec, type Opened } from './harness.test.js';

let ground: TestGround;
let opened: Opened;
beforeAll(async () => {
  ground = await startGround();
  opened = open(ground.brokers, ground.prefix);
  await opened.connection.ensureTopics([spec('order.v1', 3), spec('fast.v1', 1)]);
});
afterAll(async () => {
  await opened.connection.close(1_000);
  await ground.stop();
});

async function readAll(topic: string): Promise<Map<number, number[]>> {
  const read = new Map<number, number[]>();
  for (const { partition, low, high } of await opened.connection.offsets(topic)) {
    const numbers: number[] = [];
    await opened.connection.replay(
      { topic, partition },
      low,
      high,
      async (batch) => void numbers.push(...batch.records.map(numberOf)),
      10_000,
    );
    read.set(partition, numbers);
  }
  return read;
}

/** Milliseconds all produce requests took together. */
async function totalRequestTime({ deps }: Opened): Promise<number> {
  return Number(/tocsin_kafka_produce_seconds_sum\{outcome="ok"\} ([\d.e-]+)/.exec(await deps.metrics.text())?.[1]) * 1_000;
}

describe('the batching producer', () => {
  it('loses and doubles nothing and keeps each key in order, whatever many senders do side by side', async () => {
    const producer = opened.connection.producer();
    const senders = Array.from({ length: 10 }, async (_, sender) => {
      for (let round = 0; round < 20; round++) {
        const records = Array.from({ length: 25 }, (__, n) => numbered('order.v1', `key-${sender}`, sender * 1_000 + round * 25 + n));
        const sent = producer.send(records);
        // Half of them do not wait for the answer before the next call.
        if (sender % 2 === 0) await sent;
        else sent.catch(() => undefined);
      }
    });
    await Promise.all(senders);
    await producer.send([numbered('order.v1', 'last', -1)]);
    const read = await readAll('order.v1');
    const numbers = [...read.values()].flat().filter((n) => n >= 0);
    expect(numbers).toHaveLength(5_000);
    expect(new Set(numbers).size).toBe(5_000);
    for (let sender = 0; sender < 10; sender++) {
      const own = [...read.values()]
        .map((partition) => partition.filter((n) => Math.floor(n / 1_000) === sender))
        .filter((list) => list.length > 0);
      expect(own).toHaveLength(1);
      expect(own[0]).toEqual([...(own[0] ?? [])].sort((a, b) => a - b));
    }
    // 200 calls of 25 records each: merged into far fewer requests.
    const requests = Number(/tocsin_kafka_produce_seconds_count\{outcome="ok"\} (\d+)/.exec(await opened.deps.metrics.text())?.[1]);
    expect(requests).toBeLessThan(200);
  });

  it('answers the offset of each record, also with an explicit partition', async () => {
    const offsets = await opened.connection
      .producer()
      .sendForOffsets([numbered('order.v1', 'a', 1, 2), numbered('order.v1', 'b', 2, 0), numbered('order.v1', 'c', 3, 2)]);
    expect(offsets.map(({ topic, partition }) => `${topic}/${partition}`)).toEqual(['order.v1/2', 'order.v1/0', 'order.v1/2']);
    expect((offsets[2]?.offset ?? 0) - (offsets[0]?.offset ?? 0)).toBe(1);
    const [first] = offsets;
    let seen = Number.NaN;
    await opened.connection.replay(
      { topic: 'order.v1', partition: 2 },
      first?.offset ?? 0,
      (first?.offset ?? 0) + 1,
      async (batch) => {
        seen = numberOf(batch.records[0] ?? { topic: '', partition: 0, offset: 0, key: '', timestamp: 0, envelope: null });
      },
      5_000,
    );
    expect(seen).toBe(1);
  });

  it('does not let urgent records linger', async () => {
    const producer = opened.connection.producer();
    await producer.send([numbered('fast.v1', 'warm', 0)]);
    const before = await totalRequestTime(opened);
    const start = performance.now();
    for (let n = 0; n < 30; n++) {
      const plain = numbered('fast.v1', 'x', n);
      await producer.send([{ ...plain, envelope: plain.envelope && { ...plain.envelope, lane: Lane.LIFE_SAFETY } }]);
    }
    const elapsed = performance.now() - start;
    const requests = (await totalRequestTime(opened)) - before;
    // Back to back, plain records wait as long again as their requests took, and at least for the rest of 5 ms.
    expect(elapsed - requests).toBeLessThan(0.6 * requests + 30);
  });

  it.each([
    ['a record larger than the brokers take', () => [{ ...numbered('fast.v1', 'x', 1), key: 'k'.repeat(950_000) }], 'RECORD_TOO_LARGE'],
    ['a partition that does not exist', () => [numbered('fast.v1', 'x', 1, 7)], 'NO_SUCH_PARTITION'],
    [
      'more than it holds',
      () => Array.from({ length: 50 }, () => ({ ...numbered('fast.v1', 'x', 1), key: 'k'.repeat(800_000) })),
      'PRODUCER_FULL',
    ],
  ])('refuses %s', async (_what, records, reason) => {
    await expect(opened.connection.producer().send(records())).rejects.toMatchObject({ reason });
  });

  it('says after 10 s that a topic does not exist, and other records are not held up by it', async () => {
    const producer = opened.connection.producer();
    const missing = producer.send([numbered('nowhere.v1', 'x', 1)]).catch((error: unknown) => error);
    const start = performance.now();
    expect(await missing).toMatchObject({ code: 'UNAVAILABLE' });
    expect(performance.now() - start).toBeGreaterThan(8_000);
    await producer.send([numbered('fast.v1', 'x', 1)]);
  });
});
