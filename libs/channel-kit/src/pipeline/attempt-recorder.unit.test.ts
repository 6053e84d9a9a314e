import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attemptsTopic, type OutgoingRecord } from '@tocsin/contracts';
import { Attempt } from '@tocsin/contracts/deliveries/v1/attempts';
import { createLogger, createTracing } from '@tocsin/observability';
import { systemClock } from '@tocsin/service-kit';
import { AttemptRecorder } from './attempt-recorder.js';
import { heldItem } from './held-item.fixture.test.js';

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
      load: () => 0,
      drain: () => 0,
      enough: () => 100,
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

describe('when attempts are written', () => {
  it('at once when they fill their part of what may be in doubt, however slow things seem to go', async () => {
    const written: number[] = [];
    const recorder = new AttemptRecorder({
      channel: 'any',
      producer: {
        send: (records) => Promise.resolve(void written.push(records.length)),
        sendForOffsets: () => Promise.reject(new Error('unused')),
        close: () => Promise.resolve(),
      },
      tracing: createTracing({ service: 'channel-any', instanceId: 'x' }),
      logger: createLogger({ service: 'x', instanceId: 'x', level: 'error' }),
      clock: systemClock,
      load: () => 0,
      drain: () => 0,
      enough: () => 3,
      acknowledged: () => undefined,
    });
    const add = (index: number): void => recorder.add(heldItem({ slice: index, index }), Attempt.fromPartial({ index, n: 1 }));
    const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    add(0);
    add(1);
    await turnOfTheLoop();
    expect(written).toEqual([]);
    add(2);
    await turnOfTheLoop();
    expect(written).toEqual([3]);
    recorder.close();
  });
});
