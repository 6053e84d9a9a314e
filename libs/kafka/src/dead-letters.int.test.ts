import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGround, type TestGround } from '@tocsin/testing';
import { internalsOf } from './connection-internals.js';
import { numbered, numberOf, open, spec, type Opened } from './harness.test.js';
import { listDeadLetters, replayDeadLetters } from './index.js';

let ground: TestGround;
let opened: Opened;
let folder: string;
beforeAll(async () => {
  ground = await startGround();
  folder = mkdtempSync(join(tmpdir(), 'spans-'));
  opened = open(ground.brokers, ground.prefix, 'test-1', { traceFile: join(folder, 's.jsonl') });
});
afterAll(async () => {
  await opened.connection.close(1_000);
  rmSync(folder, { recursive: true });
  await ground.stop();
});

describe('dead letters', () => {
  it('take poison, unknown types and failing records, each with its reason, and hold up the others for less than 2 s', async () => {
    const { connection } = opened;
    await connection.ensureTopics([spec('poison.v1', 1)]);
    const producer = connection.producer();
    const unknown = numbered('poison.v1', 'k', 3);
    await producer.send([numbered('poison.v1', 'k', 1)]);
    await internalsOf(connection).sendRaw([{ topic: 'poison.v1', partition: 0, key: Buffer.from('k'), value: Buffer.from('no envelope') }]);
    await producer.send([
      { ...unknown, envelope: unknown.envelope && { ...unknown.envelope, type: 'tocsin.future.v1.Thing' } },
      numbered('poison.v1', 'k', 666),
      numbered('poison.v1', 'k', 5),
    ]);
    const handled: number[] = [];
    let fixed = false;
    const consumer = connection.group({
      group: 'dead',
      topics: ['poison.v1'],
      assigner: 'copartition',
      from: 'beginning',
      commit: 'after-batch',
      onBatch: async (batch) => {
        const numbers = batch.records.map(numberOf);
        if (numbers.includes(666) && !fixed) throw new Error('the text of +33612345678');
        handled.push(...numbers);
      },
    });
    await consumer.start();
    const start = performance.now();
    await expect.poll(() => handled, { timeout: 60_000, interval: 20 }).toEqual([1, 5]);
    expect(performance.now() - start).toBeLessThan(2_000);

    await expect.poll(async () => (await listDeadLetters(connection, 'poison.v1')).length, { timeout: 60_000 }).toBe(3);
    const letters = await listDeadLetters(connection, 'poison.v1');
    expect(letters.map(({ id, letter, replayed, groups }) => ({ id, reason: letter.reason, replayed, groups }))).toEqual([
      { id: '0-1', reason: 'DECODE_FAILED', replayed: false, groups: ['dead'] },
      { id: '0-2', reason: 'UNKNOWN_TYPE', replayed: false, groups: ['dead'] },
      { id: '0-3', reason: 'HANDLER_FAILED', replayed: false, groups: ['dead'] },
    ]);
    expect(JSON.stringify(letters)).not.toContain('612345678');
    expect(opened.lines.join('')).not.toContain('612345678');
    expect(await opened.deps.metrics.text()).toMatch(
      /tocsin_kafka_dead_letters_total\{reader="dead",topic="poison.v1",reason="HANDLER_FAILED"\} 1/,
    );

    fixed = true;
    expect(await replayDeadLetters(connection, { topic: 'poison.v1', ids: ['0-3', '0-99'] })).toEqual([
      { id: '0-3', outcome: 'replayed' },
      { id: '0-99', outcome: 'unknown' },
    ]);
    await expect.poll(() => handled, { timeout: 60_000 }).toEqual([1, 5, 666]);
    // A second replay of the same letter sends nothing.
    expect(await replayDeadLetters(connection, { topic: 'poison.v1', ids: ['0-3'] })).toEqual([{ id: '0-3', outcome: 'already' }]);
    expect((await connection.offsets('poison.v1'))[0]?.high).toBe(6);
    expect(await replayDeadLetters(connection, { topic: 'poison.v1', all: true })).toEqual([
      { id: '0-1', outcome: 'replayed' },
      { id: '0-2', outcome: 'replayed' },
      { id: '0-3', outcome: 'already' },
    ]);
    // Still poison: they are dead again, at their new places.
    await expect
      .poll(async () => (await listDeadLetters(connection, 'poison.v1')).map(({ id }) => id), { timeout: 60_000 })
      .toContain('0-7');
    await consumer.stop();
  });
});

describe('a trace', () => {
  it('crosses Kafka: the batch is a child of the span that sent its records, or linked to each of several', async () => {
    const { connection, deps } = opened;
    await connection.ensureTopics([spec('traced.v1', 1)]);
    const seen: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      await deps.tracing.span(name, {}, () => connection.producer().send([numbered('traced.v1', 'k', 1)]));
      if (name === 'one') {
        const tail = connection.tail({
          name: 'first',
          topics: [{ topic: 'traced.v1', from: 'beginning' }],
          onBatch: async (batch) => void seen.push(batch.records[0]?.envelope?.traceparent ?? '', deps.tracing.current()),
        });
        await tail.start();
        await tail.caughtUp(5_000);
        await tail.stop();
      }
    }
    const all = connection.tail({ name: 'all', topics: [{ topic: 'traced.v1', from: 'beginning' }], onBatch: async () => undefined });
    await all.start();
    await all.caughtUp(5_000);
    await all.stop();
    await deps.tracing.shutdown();
    const spans = readFileSync(join(folder, 's.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as {
            name: string;
            trace: string;
            span: string;
            parent?: string;
            kind: string;
            links?: string[];
            attributes: Record<string, unknown>;
          },
      );
    const [one, two, three] = ['one', 'two', 'three'].map((name) => spans.find((span) => span.name === name));
    const batches = spans.filter((span) => span.name === 'traced.v1 process');
    expect(seen.map((traceparent) => traceparent.slice(3, 35))).toEqual([one?.trace, one?.trace]);
    expect(batches.find((span) => span.attributes['reader'] === 'first')).toMatchObject({
      trace: one?.trace,
      parent: one?.span,
      kind: 'consumer',
    });
    expect(batches.find((span) => span.attributes['reader'] === 'all')?.links).toEqual(
      [one, two, three].map((span) => `${span?.trace}-${span?.span}`),
    );
  });
});
