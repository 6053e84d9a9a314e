import { spawn } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TocsinError } from '@tocsin/errors';
import { startGround, type TestGround } from '@tocsin/testing';
import { numbered, numberOf, open, sleep, spec, type Opened } from './harness.test.js';
import type { GroupConsumer, GroupConsumerOptions, TopicPartition } from './index.js';

/** ms a condition may take on a machine that does much else. */
const SETTLES = 60_000;

const AWAY = new TocsinError('UNAVAILABLE', 'STORE_UNAVAILABLE', 'The document store cannot be reached.');

let ground: TestGround;
const connections: Opened[] = [];
let first: Opened;
let second: Opened;
let run = 0;
let topic = '';
let other = '';
beforeAll(async () => {
  ground = await startGround();
  [first, second] = [open(ground.brokers, ground.prefix), open(ground.brokers, ground.prefix)];
  connections.push(first, second);
});
afterAll(async () => {
  await Promise.all(connections.map(({ connection }) => connection.close(1_000)));
  await ground.stop();
});
beforeEach(async () => {
  run++;
  topic = `work${run}.v1`;
  other = `shares${run}.v1`;
  await first.connection.ensureTopics([spec(topic, 6), spec(other, 4)]);
});

const group = (opened: Opened, options: Partial<GroupConsumerOptions> & Pick<GroupConsumerOptions, 'onBatch'>): GroupConsumer =>
  opened.connection.group({
    group: `g${run}`,
    topics: [topic],
    assigner: 'copartition',
    from: 'beginning',
    commit: 'after-batch',
    ...options,
  });
const shown = (assigned: readonly TopicPartition[], of: string) =>
  assigned
    .filter((place) => place.topic === of)
    .map((place) => place.partition)
    .sort((a, b) => a - b)
    .join('');
const send = (numbers: readonly number[]) => first.connection.producer().send(numbers.map((n) => numbered(topic, `k${n}`, n)));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);

describe('a consumer group', () => {
  it('gives partition k of every topic to one member and moves only half when a second joins', async () => {
    const a = group(first, { topics: [topic, other], onBatch: async () => undefined });
    const b = group(second, { topics: [topic, other], onBatch: async () => undefined });
    await a.start();
    expect([shown(a.assigned(), topic), shown(a.assigned(), other)]).toEqual(['012345', '0123']);
    await b.start();
    await expect.poll(() => [shown(a.assigned(), topic), shown(a.assigned(), other)], { timeout: SETTLES }).toEqual(['024', '02']);
    expect([shown(b.assigned(), topic), shown(b.assigned(), other)]).toEqual(['135', '13']);
    expect([a.leaseValid(), b.leaseValid(), first.connection.healthy()]).toEqual([true, true, true]);
    await b.stop();
    expect(b.leaseValid()).toBe(false);
    await expect.poll(() => shown(a.assigned(), topic), { timeout: SETTLES }).toBe('012345');
    await a.stop();
  });

  it('gives its partitions to one that can do the work while it cannot, and takes its part again after', async () => {
    let able = true;
    const seen: number[] = [];
    const a = group(first, {
      able: () => able,
      // As a handler does whose store is away: what it takes is not done.
      onBatch: (batch) => (able ? Promise.resolve(void seen.push(...batch.records.map(numberOf))) : Promise.reject(AWAY)),
    });
    const b = group(second, { onBatch: async (batch) => void seen.push(...batch.records.map(numberOf)) });
    await a.start();
    await b.start();
    await expect.poll(() => shown(a.assigned(), topic), { timeout: SETTLES }).toBe('024');
    able = false;
    await send(range(0, 60));
    await expect.poll(() => [shown(a.assigned(), topic), shown(b.assigned(), topic)], { timeout: SETTLES }).toEqual(['', '012345']);
    expect(first.connection.healthy()).toBe(false);
    await expect.poll(() => new Set(seen).size, { timeout: SETTLES }).toBe(60);
    able = true;
    await expect.poll(() => [a.assigned().length, b.assigned().length], { timeout: SETTLES }).toEqual([3, 3]);
    await Promise.all([a.stop(), b.stop()]);
  });

  it('hands no record to two members while one joins: what is in hand is finished and committed before', async () => {
    const seen: string[] = [];
    const onBatch =
      (name: string): GroupConsumerOptions['onBatch'] =>
      async (batch) => {
        // A batch takes long enough that joins fall into the middle of one.
        await sleep(30);
        seen.push(...batch.records.map((record) => `${name}:${numberOf(record)}`));
      };
    const a = group(first, { onBatch: onBatch('a') });
    const b = group(second, { onBatch: onBatch('b') });
    await a.start();
    let sent = 0;
    let left = false;
    const sending = (async () => {
      for (; !left; sent += 20) {
        await send(range(sent, sent + 20));
        await sleep(15);
      }
    })();
    await expect.poll(() => seen.length, { timeout: SETTLES }).toBeGreaterThan(100);
    await b.start();
    await expect.poll(() => seen.some((one) => one.startsWith('b')), { timeout: SETTLES }).toBe(true);
    await b.stop();
    left = true;
    await sending;
    await expect.poll(() => new Set(seen.map((one) => one.split(':')[1])).size, { timeout: SETTLES }).toBe(sent);
    expect(seen).toHaveLength(sent);
    await a.stop();
  });

  it('manual: reads again what was taken and not committed, and commits what beforeRejoin commits', async () => {
    const taken: number[] = [];
    let commitAtDrain = true;
    const last = new Map<number, number>();
    const consumer = group(first, {
      commit: 'manual',
      onBatch: async (batch) => {
        taken.push(...batch.records.map(numberOf));
        last.set(batch.partition, (batch.records.at(-1)?.offset ?? -1) + 1);
      },
      beforeRejoin: async () => {
        if (commitAtDrain) await consumer.commit([...last].map(([partition, offset]) => ({ topic, partition, offset })));
      },
    });
    await consumer.start();
    await send(range(0, 100));
    await expect.poll(() => taken.length, { timeout: SETTLES }).toBe(100);
    expect((await consumer.committed([topic])).every(({ offset }) => offset === -1)).toBe(true);
    await consumer.stop();

    const again = group(second, { commit: 'manual', onBatch: async (batch) => void taken.push(...batch.records.map(numberOf)) });
    commitAtDrain = false;
    await again.start();
    await send([100]);
    await expect.poll(() => taken.length, { timeout: SETTLES }).toBe(101);
    await again.stop();

    // Nothing was committed by `again`, so its one record comes once more.
    const third = group(first, { commit: 'manual', onBatch: async (batch) => void taken.push(...batch.records.map(numberOf)) });
    await third.start();
    await expect.poll(() => taken.filter((n) => n === 100).length, { timeout: SETTLES }).toBe(2);
    expect(taken).toHaveLength(102);
    await third.stop();
  });

  it('seeks when assigned, pauses and resumes', async () => {
    await send(range(0, 60));
    const taken: number[] = [];
    const consumer = group(first, {
      commit: 'manual',
      onBatch: async (batch) => void taken.push(...batch.records.map((record) => record.partition * 1_000 + record.offset)),
      onAssigned: async (assigned) => consumer.seek(assigned.map((place) => ({ ...place, offset: 5 }))),
    });
    await consumer.start();
    const highs = new Map((await first.connection.offsets(topic)).map(({ partition, high }) => [partition, high]));
    const expected = [...highs.values()].reduce((sum, high) => sum + Math.max(0, high - 5), 0);
    await expect.poll(() => taken.length, { timeout: SETTLES }).toBe(expected);
    expect(taken.every((place) => place % 1_000 >= 5)).toBe(true);

    // The best of a few resumes counts: the machine may do much else, and one that waits for the next fetch is late every time.
    const late: number[] = [];
    for (let round = 1; round <= 4; round++) {
      consumer.pause([{ topic, partition: 0 }]);
      await sleep(1_100);
      taken.length = 0;
      await first.connection.producer().send([numbered(topic, 'x', 1, 0), numbered(topic, 'x', 2, 1)]);
      await expect.poll(() => taken.length, { timeout: SETTLES }).toBe(1);
      expect(Math.floor((taken[0] ?? 0) / 1_000)).toBe(1);
      const start = performance.now();
      consumer.resume([{ topic, partition: 0 }]);
      await expect.poll(() => taken.length, { timeout: SETTLES, interval: 5 }).toBe(2);
      late.push(performance.now() - start);
    }
    expect(Math.min(...late)).toBeLessThan(400);
    await consumer.stop();
  });

  it('subscribes anew to a topic that appears later, within the same group', async () => {
    const taken: string[] = [];
    const a = group(first, { onBatch: async (batch) => void taken.push(batch.topic) });
    await a.start();
    await a.setTopics([topic, other]);
    await expect.poll(() => shown(a.assigned(), other), { timeout: SETTLES }).toBe('0123');
    await first.connection.producer().send([numbered(other, 'x', 1)]);
    await expect.poll(() => taken, { timeout: SETTLES }).toContain(other);
    await a.stop();
  });

  it('takes over from a process of the same instance that was killed, without waiting for its session to end', async () => {
    const script = `
      import { connectKafka } from '${new URL('../dist/index.js', import.meta.url).pathname}';
      import { createLogger, createMetrics, createTracing } from '@tocsin/observability';
      const identity = { service: 'x', instanceId: 'x' };
      const deps = { logger: createLogger({ ...identity, level: 'error' }), metrics: createMetrics(), tracing: createTracing(identity) };
      const kafka = connectKafka({ brokers: ${JSON.stringify(ground.brokers)}, clientId: 'sample-7999-aaaaaa', prefix: '${ground.prefix}' }, deps);
      const options = { group: 'g${run}', topics: ['${topic}'], assigner: 'copartition', from: 'beginning', commit: 'manual', onBatch: async () => undefined };
      await kafka.group(options).start();
      process.stdout.write('joined');
      setInterval(() => undefined, 1_000);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    const next = open(ground.brokers, ground.prefix, 'sample-7999-bbbbbb');
    connections.push(next);
    const consumer = group(next, { onBatch: async () => undefined });
    const start = performance.now();
    await consumer.start();
    // Its predecessor's session lasts ten.
    expect(performance.now() - start).toBeLessThan(9_000);
    expect(shown(consumer.assigned(), topic)).toBe('012345');
    await consumer.stop();
  });

  it('stays in its group while a handler works longer than a session', async () => {
    let calls = 0;
    let lease = true;
    const a = group(first, {
      onBatch: async () => {
        calls++;
        for (let n = 0; n < 24; n++) {
          await sleep(500);
          lease &&= a.leaseValid();
        }
      },
    });
    await a.start();
    await first.connection.producer().send([numbered(topic, 'x', 1, 3)]);
    await expect
      .poll(async () => (await a.committed([topic])).find(({ partition }) => partition === 3)?.offset, { timeout: SETTLES })
      .toBe(1);
    expect({ calls, lease, joined: shown(a.assigned(), topic) }).toEqual({ calls: 1, lease: true, joined: '012345' });
    await a.stop();
  });
});
