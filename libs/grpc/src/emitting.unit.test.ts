import { describe, expect, it } from 'vitest';
import { emitting } from './emitting.js';

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('emitting', () => {
  it('gives what is emitted, in order, one at a time', async () => {
    const ahead: number[] = [];
    const stream = emitting<number>(async (emit) => {
      for (let n = 0; n < 5; n += 1) {
        ahead.push(n);
        await emit(n);
      }
    });
    const read: number[] = [];
    for await (const n of stream) {
      read.push(n);
      expect(ahead.length).toBeLessThanOrEqual(n + 1);
    }
    expect(read).toEqual([0, 1, 2, 3, 4]);
  });

  it('ends with the error of its producer, after what was emitted', async () => {
    const read: number[] = [];
    const stream = emitting<number>(async (emit) => {
      await emit(1);
      throw new RangeError('broken');
    });
    const reading = (async () => {
      for await (const n of stream) read.push(n);
    })();
    await expect(reading).rejects.toThrow('broken');
    expect(read).toEqual([1]);
  });

  it('ends at once when nothing is emitted', async () => {
    expect(await collect(emitting(() => Promise.resolve()))).toEqual([]);
  });

  it('tells its producer when the reader goes away in the middle of an item', async () => {
    let refused = false;
    let aborted = false;
    const stream = emitting<number>(async (emit, signal) => {
      signal.addEventListener('abort', () => (aborted = true));
      await emit(1).catch(() => (refused = true));
    });
    for await (const n of stream) if (n === 1) break;
    await new Promise((resolve) => setImmediate(resolve));
    expect({ refused, aborted }).toEqual({ refused: true, aborted: true });
  });
});
