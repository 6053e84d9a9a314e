import { describe, expect, it } from 'vitest';
import { MAX_BATCH_BYTES, MAX_REQUEST_BYTES, RecordQueue, type QueuedRecord } from './record-queue.js';

const ticket = { done: () => undefined, fail: () => undefined, deadline: 0 };
const queued = (name: string, partition = 0, bytes = 10): QueuedRecord => ({
  topic: 't',
  partition,
  message: { key: Buffer.from(name), value: Buffer.alloc(bytes) },
  ticket,
  index: 0,
});
const names = (batch: { records: readonly QueuedRecord[] } | undefined) => batch?.records.map((record) => record.message.key?.toString());

describe('RecordQueue', () => {
  it('takes the very same batch again until it is acknowledged, whatever was added meanwhile', () => {
    const queue = new RecordQueue();
    queue.add(queued('1'));
    queue.add(queued('2'));
    const [first] = queue.take();
    queue.add(queued('3'));
    expect(names(queue.take()[0])).toEqual(['1', '2']);
    if (first) queue.acknowledge(first);
    expect(names(queue.take()[0])).toEqual(['3']);
  });

  it('keeps a batch and a request within their bytes, and starves no partition', () => {
    const queue = new RecordQueue();
    for (let partition = 0; partition < 8; partition++)
      for (let n = 0; n < 3; n++) queue.add(queued(`${partition}-${n}`, partition, MAX_BATCH_BYTES / 2 - 100));
    const served = new Set<number>();
    while (!queue.empty) {
      const batches = queue.take();
      const sizes = batches.map((batch) => batch.records.reduce((sum, record) => sum + (record.message.value?.length ?? 0), 0));
      expect(Math.max(...sizes)).toBeLessThan(MAX_BATCH_BYTES);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_REQUEST_BYTES);
      for (const batch of batches) {
        served.add(batch.partition);
        queue.acknowledge(batch);
      }
    }
    expect({ served: served.size, bytes: queue.bytes }).toEqual({ served: 8, bytes: 0 });
  });

  it('removes what is given up and forgets that its batch was taken', () => {
    const queue = new RecordQueue();
    for (const name of ['1', '2', '3']) queue.add(queued(name));
    queue.take();
    expect(names({ records: queue.remove((record) => record.message.key?.toString() === '2') })).toEqual(['2']);
    queue.add(queued('4'));
    expect(names(queue.take()[0])).toEqual(['1', '3', '4']);
  });
});
