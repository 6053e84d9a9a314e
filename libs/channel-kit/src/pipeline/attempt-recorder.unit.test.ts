import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attemptRecordsOf, attemptsTopic, type OutgoingRecord, unpackEnvelope } from '@tocsin/contracts';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { Attempt } from '@tocsin/contracts/deliveries/v1/attempts';
import { createLogger, createTracing } from '@tocsin/observability';
import { systemClock } from '@tocsin/service-kit';
import { AttemptRecorder } from './attempt-recorder.js';
import { heldItem } from './held-item.fixture.test.js';
import { OwnRecords } from './own-records.js';

interface Span {
  readonly name: string;
  readonly trace: string;
  readonly parent?: string;
  readonly links?: readonly string[];
}

const ONE = { trace: '0af7651916cd43dd8448eb211c80319c', span: 'b7ad6b7169203331' };
const TWO = { trace: '1bf7651916cd43dd8448eb211c80319d', span: 'c7ad6b7169203332' };
const traceparent = ({ trace, span }: typeof ONE): string => `00-${trace}-${span}-01`;

describe('attempts in the traces of their campaigns', () => {
  let folder: string;
  const sent: OutgoingRecord[] = [];
  beforeEach(() => {
    sent.length = 0;
    folder = mkdtempSync(join(tmpdir(), 'attempts-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Records one attempt of each campaign in one flush, and answers the spans written. */
  async function recordAttempts(...origins: readonly (typeof ONE)[]): Promise<Span[]> {
    const traceFile = join(folder, 's.jsonl');
    const tracing = createTracing({ service: 'channel-any', instanceId: 'x', traceFile });
    const recorder = new AttemptRecorder({
      channel: 'any',
      producer: {
        send: async (records) => void sent.push(...records),
        sendForOffsets: () => Promise.reject(new Error('unused')),
        close: () => Promise.resolve(),
      },
      tracing,
      logger: createLogger({ service: 'x', instanceId: 'x', level: 'error' }),
      clock: systemClock,
      own: new OwnRecords(),
      recordsApart: 8,
      load: () => 0,
      drain: () => 0,
      enough: () => 100,
      flushing: () => undefined,
      acknowledged: () => undefined,
    });
    origins.forEach((origin, at) => {
      const frame = { campaignId: `cmp_01JD000000000000000000000${at}` };
      recorder.add(heldItem({ traceparent: traceparent(origin) }, frame), Attempt.fromPartial({ index: 0, n: 1 }));
    });
    await recorder.settled(2_000);
    await tracing.shutdown();
    return readFileSync(traceFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Span);
  }

  it('a flush of one campaign is a child in its trace', async () => {
    const [span] = await recordAttempts(ONE, ONE);
    expect(span).toMatchObject({ name: 'channel.record-attempts', trace: ONE.trace, parent: ONE.span });
  });

  it('a flush of several is linked to each, and every record says whose it is', async () => {
    const [span] = await recordAttempts(ONE, TWO);
    expect(span?.links).toEqual([`${ONE.trace}-${ONE.span}`, `${TWO.trace}-${TWO.span}`]);
    expect(sent.map(({ topic, envelope }) => [topic, envelope?.traceparent])).toEqual([
      [attemptsTopic('any'), traceparent(ONE)],
      [attemptsTopic('any'), traceparent(TWO)],
    ]);
  });
});

function attemptsIn(records: readonly OutgoingRecord[]): number {
  const told = records.flatMap(({ envelope }) => (envelope ? attemptRecordsOf(unpackEnvelope(envelope)) : []));
  return told.reduce((sum, { attempts }) => sum + attempts.length, 0);
}

describe('when attempts are written', () => {
  /** A recorder whose Kafka takes everything, and the number of attempts of each of its flushes. */
  function recorderAt(now: () => number): { recorder: AttemptRecorder; written: number[] } {
    const written: number[] = [];
    const recorder = new AttemptRecorder({
      channel: 'any',
      producer: {
        send: (records) => Promise.resolve(void written.push(attemptsIn(records))),
        sendForOffsets: () => Promise.reject(new Error('unused')),
        close: () => Promise.resolve(),
      },
      tracing: createTracing({ service: 'channel-any', instanceId: 'x' }),
      logger: createLogger({ service: 'x', instanceId: 'x', level: 'error' }),
      clock: { ...systemClock, monotonic: now },
      own: new OwnRecords(),
      recordsApart: 8,
      load: () => 0,
      drain: () => 0,
      enough: () => 30,
      flushing: () => undefined,
      acknowledged: () => undefined,
    });
    return { recorder, written };
  }
  const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const attempt = (index: number): Attempt => Attempt.fromPartial({ index, n: 1 });

  it('at once when they fill their part of what may be in doubt, however slow things seem to go', async () => {
    const { recorder, written } = recorderAt(() => 0);
    const add = (index: number): void => recorder.add(heldItem({ slice: index, index }), attempt(index));
    for (let index = 0; index < 29; index++) add(index);
    await turnOfTheLoop();
    expect(written).toEqual([]);
    add(29);
    await turnOfTheLoop();
    expect(written).toEqual([30]);
    recorder.close();
  });

  it('at once for an urgent one and whatever waited with it, then together every ten milliseconds', async () => {
    let now = 1_000;
    const { recorder, written } = recorderAt(() => now);
    const add = (index: number, lane: Lane): void => recorder.add(heldItem({ slice: index, index, lane }), attempt(index));
    add(0, Lane.STANDARD);
    add(1, Lane.LIFE_SAFETY);
    await turnOfTheLoop();
    expect(written).toEqual([2]);
    for (let index = 2; index < 12; index++) add(index, Lane.URGENT);
    await turnOfTheLoop();
    expect(written).toEqual([2]);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(written).toEqual([2, 10]);
    now += 11;
    add(12, Lane.URGENT);
    await turnOfTheLoop();
    expect(written).toEqual([2, 10, 1]);
    recorder.close();
  });
});
