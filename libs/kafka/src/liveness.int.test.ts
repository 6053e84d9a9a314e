import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGround, type TestGround } from '@tocsin/testing';
import { numbered, numberOf, open, spec, type Opened } from './harness.test.js';

describe('alive means progressing', () => {
  let ground: TestGround;
  let opened: Opened;
  beforeAll(async () => {
    ground = await startGround();
    opened = open(ground.brokers, ground.prefix);
  });
  afterAll(async () => {
    await opened.connection.close(1_000);
    await ground.stop();
  });

  it('one batch that hangs is seen however busy the other partitions and readers are', async () => {
    const { connection } = opened;
    const topic = 'liveness.v1';
    await connection.ensureTopics([spec(topic, 2)]);
    const at = (partition: number, n: number) => ({ ...numbered(topic, 'k', n), partition });
    const hanging = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const handled: number[] = [];
    const consumer = connection.group({
      group: 'liveness',
      topics: [topic],
      assigner: 'copartition',
      from: 'beginning',
      commit: 'after-batch',
      onBatch: async (batch) => {
        const numbers = batch.records.map(numberOf);
        await (numbers.includes(1) ? hanging[0]?.promise : numbers.includes(5) ? hanging[1]?.promise : undefined);
        handled.push(...numbers);
      },
    });
    await consumer.start();
    expect(connection.pending()).toBe(false);

    await connection.producer().send([at(0, 1)]);
    await expect.poll(() => connection.pending(), { timeout: 5_000, interval: 10 }).toBe(true);
    const stuck = connection.progress();
    for (const n of [2, 3, 4]) {
      await connection.producer().send([at(1, n)]);
      await expect.poll(() => handled, { timeout: 5_000, interval: 10 }).toContain(n);
    }
    expect([connection.pending(), connection.progress()]).toEqual([true, stuck]);
    // A batch that came later does not hide the one that hangs.
    await connection.producer().send([at(1, 5)]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(connection.progress()).toBe(stuck);

    hanging[0]?.resolve();
    await expect.poll(() => connection.progress(), { timeout: 5_000, interval: 10 }).toBeGreaterThan(stuck);
    hanging[1]?.resolve();
    await expect.poll(() => handled, { timeout: 5_000 }).toContain(5);
    await expect.poll(() => connection.pending(), { timeout: 5_000, interval: 10 }).toBe(false);
    await consumer.stop();
  });
});
