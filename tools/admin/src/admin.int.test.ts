import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadTopic, newId, record, TOPICS } from '@tocsin/contracts';
import { DeadLetter } from '@tocsin/contracts/common/v1/dead_letter';
import { connectKafka } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { failTest, startGround, type TestGround } from '@tocsin/testing';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

describe('tocsin-admin', () => {
  let ground: TestGround;
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-admin-'));
  let database = 0;

  beforeAll(async () => {
    ground = await startGround();
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await ground.stop();
  });

  /** The built command in a process of its own, on the database of this test. */
  function admin(...args: string[]): Promise<Run> {
    const env = {
      ...process.env,
      TOCSIN_MONGO_URI: ground.mongoUri,
      TOCSIN_DATABASE_PREFIX: `${ground.prefix}${database}_`,
      TOCSIN_KAFKA_BROKERS: ground.brokers.join(','),
      TOCSIN_TOPIC_PREFIX: ground.prefix,
    };
    const main = resolve(import.meta.dirname, '../dist/main.js');
    return new Promise((done) => {
      execFile(process.execPath, [main, ...args], { env }, (error, out, err) => done({ code: Number(error?.code ?? 0), out, err }));
    });
  }

  it('makes the first administrator once, into a file that only its owner reads', async () => {
    database += 1;
    const file = join(folder, 'one.key');
    const first = await admin('--json', 'bootstrap', '--out', file);
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(first.out)).toMatchObject({ ok: true, created: true, file });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const token = readFileSync(file, 'utf8').trim();
    expect(token).toMatch(/^tok_key_[0-9A-Z]{26}_[A-Za-z0-9_-]{43}$/);
    expect(first.out + first.err).not.toContain(token.slice(-43));

    expect(await admin('bootstrap', '--out', file)).toMatchObject({ code: 0, out: expect.stringContaining('works') });
    const second = await admin('bootstrap', '--out', join(folder, 'two.key'));
    expect(second).toMatchObject({ code: 1, err: expect.stringContaining('made before') });
    expect(existsSync(join(folder, 'two.key'))).toBe(false);
  });

  it('lets one of four win that start together, and the others leave no file', async () => {
    database += 1;
    const files = [1, 2, 3, 4].map((n) => join(folder, `race-${n}.key`));
    const runs = await Promise.all(files.map((file) => admin('bootstrap', '--out', file)));
    expect(runs.filter((run) => run.code === 0)).toHaveLength(1);
    expect(readdirSync(folder).filter((name) => name.startsWith('race-'))).toHaveLength(1);
    const winner = files[runs.findIndex((run) => run.code === 0)] ?? '';
    expect(await admin('bootstrap', '--out', winner)).toMatchObject({ code: 0 });
  });

  it('registers the key of a call that died after writing its file', async () => {
    database += 1;
    const file = join(folder, 'died.key');
    writeFileSync(file, `tok_${newId('key')}_${Buffer.alloc(32, 9).toString('base64url')}\n`, { mode: 0o600 });
    expect(await admin('bootstrap', '--out', file)).toMatchObject({ code: 0, out: expect.stringContaining('is made') });
    expect(await admin('bootstrap', '--out', file)).toMatchObject({ code: 0, out: expect.stringContaining('works') });
  });

  it('touches no file of somebody else, and none that others can read', async () => {
    database += 1;
    const file = join(folder, 'notes.txt');
    writeFileSync(file, 'mine', { mode: 0o600 });
    expect(await admin('bootstrap', '--out', file)).toMatchObject({ code: 1, err: expect.stringContaining('does not hold a key') });
    chmodSync(file, 0o644);
    expect(await admin('bootstrap', '--out', file)).toMatchObject({ code: 1, err: expect.stringContaining('read by others') });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('exits with 2 on a command line it does not understand, and names a missing variable', async () => {
    expect((await admin('bootstrap')).code).toBe(2);
    expect((await admin('nonsense')).code).toBe(2);
    const main = resolve(import.meta.dirname, '../dist/main.js');
    const run = await new Promise<Run>((done) => {
      execFile(
        process.execPath,
        [main, 'bootstrap', '--out', join(folder, 'x')],
        { env: { PATH: process.env['PATH'] } },
        (error, out, err) => done({ code: Number(error?.code ?? 0), out, err }),
      );
    });
    expect(run).toMatchObject({ code: 1, err: expect.stringContaining('TOCSIN_MONGO_URI') });
  });

  it('lists dead letters and sends a record again once', async () => {
    const topic = TOPICS.registerEvents.name;
    const kafka = connectKafka({ brokers: ground.brokers, clientId: 'admin-test', prefix: ground.prefix }, { ...deps, fail: failTest });
    await kafka.ensureTopics([TOPICS.registerEvents]);
    const meta = { tenantId: 'ten_1', occurredAt: 1 };
    const original = record(topic, 'k', 'tocsin.subscribers.v1.RegisterImported', {} as never, meta);
    const [place] = await kafka.producer().sendForOffsets([original]);
    if (!place) throw new Error('no offset');
    // sendForOffsets tells where the record stands; a letter that names another one would be "gone".
    const low = (await kafka.offsets(topic)).find((one) => one.partition === place.partition)?.high ?? 0;
    const letter = DeadLetter.fromPartial({
      topic,
      partition: place.partition,
      offset: low - 1,
      reason: 'HANDLER_FAILED',
      consumerGroup: 'g',
      key: 'k',
    });
    await kafka.producer().send([record(deadTopic(topic), 'k', 'tocsin.common.v1.DeadLetter', letter, meta)]);

    const listed = JSON.parse((await admin('--json', 'dead-letters', 'list', '--topic', topic)).out) as { letters: { id: string }[] };
    expect(listed.letters).toMatchObject([{ topic, reason: 'HANDLER_FAILED', groups: ['g'], replayed: false }]);
    const id = listed.letters[0]?.id ?? '';
    const replay = async () => JSON.parse((await admin('--json', 'dead-letters', 'replay', '--topic', topic, '--id', id)).out) as unknown;
    expect(await replay()).toMatchObject({ ok: true, outcomes: [{ id, outcome: 'replayed' }] });
    expect(await replay()).toMatchObject({ ok: true, outcomes: [{ id, outcome: 'already' }] });
    const high = (await kafka.offsets(topic)).find((one) => one.partition === place.partition)?.high ?? 0;
    expect(high).toBe(low + 1);
    expect((await admin('dead-letters', 'replay', '--topic', topic, '--id', '0-999')).code).toBe(1);
    expect(await admin('dead-letters', 'list', '--topic', 'none.v1')).toMatchObject({ code: 1, err: expect.stringContaining('none.v1') });
    await kafka.close(5_000);
  });
});
