import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePorts, repositoryRoot, startEmbeddedGround, type EmbeddedGround } from '@tocsin/testing';
import { numbered, numberOf, open, sleep, spec, type Opened } from './harness.test.js';

/** ms the broker is stopped: longer than a session, shorter than a send may take. */
const FROZEN = 20_000;
/** ms after which all must flow again; measured 12-16 s for kafkajs with its own settings tuned, default 100-195 s. */
const RECOVERY = 12_000;

let folder: string;
let ground: EmbeddedGround;
let opened: Opened;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'frozen-'));
  const [kafka, controller, store] = await freePorts(3);
  const root = repositoryRoot();
  ground = await startEmbeddedGround({
    root,
    dataDir: join(folder, 'data'),
    logDir: join(folder, 'logs'),
    cacheDir: join(root, '.tocsin', 'cache'),
    ports: { kafka: kafka ?? 0, controller: controller ?? 0, store: store ?? 0 },
    progress: () => undefined,
  });
  opened = open(ground.brokers, 'frozen-');
});
afterAll(async () => {
  await opened.connection.close(1_000);
  await ground.stop();
  rmSync(folder, { recursive: true, force: true });
});

it(
  'a broker frozen for 20 s loses and doubles no record, ends the lease meanwhile, and all flows again soon after',
  { timeout: 120_000 },
  async () => {
    const { connection } = opened;
    await connection.ensureTopics([spec('work.v1', 3)]);
    const read: number[] = [];
    const tailed: number[] = [];
    const group = connection.group({
      group: 'g',
      topics: ['work.v1'],
      assigner: 'copartition',
      from: 'beginning',
      commit: 'after-batch',
      onBatch: async (batch) => void read.push(...batch.records.map(numberOf)),
    });
    const tail = connection.tail({
      name: 't',
      topics: [{ topic: 'work.v1', from: 'beginning' }],
      onBatch: async (batch) => void tailed.push(...batch.records.map(numberOf)),
    });
    await group.start();
    await tail.start();
    const sends: Promise<void>[] = [];
    let sending = true;
    let next = 0;
    const sender = (async () => {
      while (sending) {
        sends.push(connection.producer().send(Array.from({ length: 5 }, () => numbered('work.v1', `k${next % 11}`, next++))));
        await sleep(100);
      }
    })();
    await sleep(2_000);
    const [kafka] = ground.processes;
    process.kill(kafka?.pid ?? 0, 'SIGSTOP');
    await sleep(10_000);
    expect(group.leaseValid()).toBe(false);
    expect(connection.healthy()).toBe(false);
    await sleep(FROZEN - 10_000);
    process.kill(kafka?.pid ?? 0, 'SIGCONT');
    const woken = performance.now();
    const mark = next;
    await expect
      .poll(() => [read, tailed].map((numbers) => numbers.some((n) => n > mark)), { timeout: 60_000, interval: 50 })
      .toEqual([true, true]);
    const recovery = performance.now() - woken;
    await expect.poll(() => [group.leaseValid(), connection.healthy()], { timeout: RECOVERY }).toEqual([true, true]);
    await sleep(1_000);
    sending = false;
    await sender;
    await Promise.all(sends);
    await tail.caughtUp(10_000);
    expect(recovery).toBeLessThan(RECOVERY);
    // The tail saw each record once: the brokers recognised every repetition, over all new clients.
    expect(tailed).toHaveLength(next);
    expect(new Set(tailed).size).toBe(next);
    await expect.poll(() => new Set(read).size, { timeout: 10_000 }).toBe(next);
    expect(opened.fatal).toEqual([]);
    await group.stop();
    await tail.stop();
    process.stderr.write(`recovered ${Math.round(recovery)} ms after the broker woke, ${next} records, ${read.length - next} read twice\n`);
  },
);
