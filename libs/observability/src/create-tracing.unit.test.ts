import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { createTracing } from './create-tracing.js';
import { SpanBudget } from './span-budget.js';
import { SpanFile } from './span-file.js';

interface Line {
  readonly trace: string;
  readonly span: string;
  readonly parent?: string;
  readonly name: string;
  readonly kind: string;
  readonly error?: string;
  readonly links?: readonly string[];
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spans-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = (): Line[] =>
  readFileSync(join(folder, 's.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const tracingTo = (hotSpansPerSecond = 100) =>
  createTracing({ service: 'a', instanceId: 'a-1', traceFile: join(folder, 's.jsonl'), hotSpansPerSecond });

describe('createTracing', () => {
  it('nests by async context, crosses by traceparent and links batches', async () => {
    const tracing = tracingTo();
    let carried = '';
    await tracing.span('outer', {}, async () => {
      await Promise.resolve();
      await tracing.span('send', { kind: 'producer' }, async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        carried = tracing.current();
      });
    });
    expect(tracing.current()).toBe('');
    await tracing.span('serve', { kind: 'server', parent: carried }, async () => undefined);
    await tracing.span('batch', { kind: 'consumer', links: [carried, carried, 'damaged'] }, async () => undefined);
    await tracing.shutdown();
    const [send, outer, serve, batch] = lines();
    expect(send).toMatchObject({ name: 'send', kind: 'producer', parent: outer?.span, trace: outer?.trace });
    expect(serve).toMatchObject({ parent: send?.span, trace: outer?.trace });
    expect(batch?.trace).not.toBe(outer?.trace);
    expect(batch?.links).toEqual([`${send?.trace}-${send?.span}`]);
  });

  it('marks a failed span and writes no number of its message', async () => {
    const tracing = tracingTo();
    await expect(
      tracing.span('x', { attributes: { note: '0612345678' } }, () => Promise.reject(new Error('refused +33612345678'))),
    ).rejects.toThrow('refused');
    await tracing.shutdown();
    expect(lines()[0]?.error).toContain('refused');
    expect(readFileSync(join(folder, 's.jsonl'), 'utf8')).not.toContain('612345678');
  });

  it('keeps hot spans within their budget and still passes the context on', async () => {
    const tracing = tracingTo(2);
    const seen: string[] = [];
    await tracing.span('root', {}, async () => {
      for (let n = 0; n < 5; n++) await tracing.span('hot', { hot: true }, async () => void seen.push(tracing.current()));
    });
    await tracing.shutdown();
    expect(lines().filter((line) => line.name === 'hot')).toHaveLength(2);
    expect(seen.every((traceparent) => traceparent.includes(lines()[0]?.trace ?? '?'))).toBe(true);
  });

  it('passes a remote context on when nothing is written', async () => {
    const tracing = createTracing({ service: 'a', instanceId: 'a-1' });
    const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await tracing.span('x', { parent }, async () => expect(tracing.current()).toBe(parent));
  });
});

describe('SpanFile', () => {
  it('sets a full file aside, so that the disk used is bounded', async () => {
    const tracing = createTracing({ service: 'a', instanceId: 'a-1' });
    await tracing.shutdown();
    const file = new SpanFile(join(folder, 's.jsonl'), 1_000);
    for (let n = 0; n < 20; n++) await new Promise<void>((resolve) => file.export([span(n)], () => resolve()));
    await file.shutdown();
    expect(statSync(join(folder, 's.jsonl.1')).size).toBeLessThan(1_500);
    expect(statSync(join(folder, 's.jsonl')).size).toBeLessThan(1_500);
  });
});

describe('SpanBudget', () => {
  it('allows a second of permits at once and refills continuously', () => {
    const budget = new SpanBudget(2);
    const taken = [0, 0, 0, 400, 500, 500, 10_000, 10_000, 10_000].map((at) => budget.take(at));
    expect(taken).toEqual([true, true, false, false, true, false, true, true, false]);
  });
});

function span(n: number): ReadableSpan {
  return {
    name: `span ${n}`,
    kind: 0,
    spanContext: () => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }),
    startTime: [1, 0],
    endTime: [1, 0],
    duration: [0, 0],
    status: { code: 0 },
    attributes: {},
    links: [],
    events: [],
    ended: true,
    resource: {
      attributes: {},
      merge: () => {
        throw new Error('unused');
      },
      getRawAttributes: () => [],
    },
    instrumentationScope: { name: 'x' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
