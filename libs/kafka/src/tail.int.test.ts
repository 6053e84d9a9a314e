import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGround, type TestGround } from '@tocsin/testing';
import { numbered, numberOf, open, sleep, spec, type Opened } from './harness.test.js';
import type { TailOptions } from './index.js';

let ground: TestGround;
let opened: Opened;
let middle = 0;
beforeAll(async () => {
  ground = await startGround();
  opened = open(ground.brokers, ground.prefix);
  await opened.connection.ensureTopics([spec('tail.v1', 2), spec('empty.v1', 2)]);
  const producer = opened.connection.producer();
  await producer.send(Array.from({ length: 10 }, (_, n) => numbered('tail.v1', 'x', n, n % 2)));
  await sleep(20);
  middle = Date.now();
  await sleep(20);
  await producer.send(Array.from({ length: 10 }, (_, n) => numbered('tail.v1', 'x', 10 + n, n % 2)));
});
afterAll(async () => {
  await opened.connection.close(1_000);
  await ground.stop();
});

async function tailed(from: TailOptions['topics'][number]['from']): Promise<number[]> {
  const numbers: number[] = [];
  const tail = opened.connection.tail({
    name: 'test',
    topics: [
      { topic: 'tail.v1', from },
      { topic: 'empty.v1', from: 'beginning' },
    ],
    onBatch: async (batch) => {
      // A slow handler: caught up means handed over and done, not fetched.
      await sleep(100);
      numbers.push(...batch.records.map(numberOf));
    },
  });
  await tail.start();
  await tail.caughtUp(5_000);
  const positions = [...tail.positions('tail.v1')].sort(([a], [b]) => a - b);
  expect(positions).toEqual([
    [0, 10],
    [1, 10],
  ]);
  await tail.stop();
  return numbers.sort((a, b) => a - b);
}

describe('a tail reader', () => {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);
  it.each([
    ['the beginning', () => 'beginning' as const, range(0, 20)],
    ['the end', () => 'end' as const, []],
    ['a time', () => ({ timestamp: middle }), range(10, 20)],
    ['a time after everything', () => ({ timestamp: Date.now() + 1_000 }), []],
    ['offsets, the rest from the beginning', () => ({ offsets: new Map([[1, 9]]) }), [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 19]],
  ])('starts at %s and is caught up when all was handed over', async (_what, from, expected) => {
    expect(await tailed(from())).toEqual(expected);
  });

  it('goes on with what comes later, and says when it did not catch up in time', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const seen: number[] = [];
    const tail = opened.connection.tail({
      name: 'slow',
      topics: [{ topic: 'empty.v1', from: 'end' }],
      onBatch: async (batch) => {
        seen.push(...batch.records.map(numberOf));
        await held;
      },
    });
    await tail.start();
    await opened.connection.producer().send([numbered('empty.v1', 'x', 1, 0)]);
    await expect.poll(() => seen).toEqual([1]);
    await opened.connection.producer().send([numbered('empty.v1', 'x', 2, 0)]);
    await expect(tail.caughtUp(300)).rejects.toMatchObject({ reason: 'NOT_CAUGHT_UP' });
    release();
    await tail.caughtUp(3_000);
    expect(seen).toEqual([1, 2]);
    await tail.stop();
  });
});
