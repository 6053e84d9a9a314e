import { describe, expect, it } from 'vitest';
import { TocsinError } from '@tocsin/errors';
import { createLogger } from '@tocsin/observability';
import type { RecordBatch } from '../connection.js';
import type { BatchHandler, DeadRecord } from './batch-handler.js';
import { retryBatch } from './retry-batch.js';

const quiet = createLogger({ service: 'x', instanceId: 'x', level: 'error', write: () => undefined });
const batch: RecordBatch = {
  topic: 'a',
  partition: 0,
  highWatermark: 9,
  records: [1, 2, 3].map((offset) => ({ topic: 'a', partition: 0, offset, key: `k${offset}`, timestamp: 1, envelope: null })),
};

async function run(handler: BatchHandler, stopped = () => false) {
  const dead: DeadRecord[] = [];
  const calls: number[][] = [];
  const start = performance.now();
  const wrapped = retryBatch(
    quiet,
    'g',
    async (records) => void dead.push(...records),
    stopped,
  )(async (given) => {
    calls.push(given.records.map((record) => record.offset));
    await handler(given);
  });
  const error: unknown = await wrapped(batch).catch((thrown: unknown) => thrown);
  return { dead, calls, error, ms: performance.now() - start };
}

const failsWith =
  (offset: number): BatchHandler =>
  async ({ records }) => {
    if (records.some((record) => record.offset === offset)) throw new TypeError('of +33612345678');
  };

describe('retryBatch', () => {
  it('buries only the record that fails, in less than 2 s, with ids and no message', async () => {
    const { dead, calls, ms } = await run(failsWith(2));
    expect(calls).toEqual([[1, 2, 3], [1, 2, 3], [1, 2, 3], [1], [2], [3]]);
    expect(dead).toEqual([expect.objectContaining({ offset: 2, reason: 'HANDLER_FAILED', detail: 'The handler failed with TypeError.' })]);
    expect(ms).toBeLessThan(2_000);
  });

  it('buries nothing when a later try succeeds', async () => {
    let failures = 2;
    const { dead, calls } = await run(async () => {
      if (failures-- > 0) throw new Error('x');
    });
    expect({ dead, tries: calls.length }).toEqual({ dead: [], tries: 3 });
  });

  it('waits out what passes by itself and gives no record up for it', async () => {
    let failures = 4;
    const { dead, error } = await run(async () => {
      if (failures-- > 0) throw new TocsinError('UNAVAILABLE', 'STORE_AWAY', 'The store is away.');
    });
    expect({ dead, error }).toEqual({ dead: [], error: undefined });
  });

  it('stops waiting when the partitions are handed on: the batch stays unfinished, not dead', async () => {
    const { dead, error } = await run(
      () => Promise.reject(new TocsinError('UNAVAILABLE', 'STORE_AWAY', 'The store is away.')),
      () => true,
    );
    expect({ dead, reason: (error as TocsinError).reason }).toEqual({ dead: [], reason: 'STORE_AWAY' });
  });
});
