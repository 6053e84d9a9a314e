import { TocsinError } from '@tocsin/errors';

/** Works waiting on one key at most: beyond it the answer would come after every caller's deadline. */
const MAX_WAITING = 1_000;
/** Milliseconds after which a shed caller may try again. */
const RETRY_AFTER_MS = 1_000;

/** Runs works of one key one after the other and of different keys side by side, so that writers of one process do not fight for a guard. */
export class SerialByKey {
  private readonly tails = new Map<string, { tail: Promise<unknown>; waiting: number }>();

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const lane = this.tails.get(key) ?? { tail: Promise.resolve(), waiting: 0 };
    if (lane.waiting >= MAX_WAITING) {
      throw new TocsinError('RESOURCE_EXHAUSTED', 'TOO_MANY_WRITERS', 'Too many writes wait for the same record.', {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    lane.waiting += 1;
    this.tails.set(key, lane);
    const mine = lane.tail.then(work, work);
    lane.tail = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      lane.waiting -= 1;
      if (lane.waiting === 0) this.tails.delete(key);
    }
  }
}
