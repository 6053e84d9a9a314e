import { setTimeout as pause } from 'node:timers/promises';
import { TocsinError } from '@tocsin/errors';
import type { Guarded, MongoConnection } from './documents.js';
import { SerialByKey } from './serial-by-key.js';

/** Milliseconds of a day: lists are kept by days since 1970, UTC. */
export const DAY_MS = 24 * 60 * 60 * 1000;
/** Ids of one bucket: a point read of some 10 kB, and what is done again after a crash. */
export const DAY_BUCKET_IDS = 250;
/** Times a write is tried against other processes. */
const MAX_TRIES = 20;
/** Milliseconds waited at most after the n-th lost guard, times n. */
const LOST_GUARD_PAUSE_MS = 5;

interface Bucket extends Guarded {
  readonly ids: readonly string[];
}

/** Days that hold ids with their number of buckets, in no order; a bucket may be missing where a process died before it wrote it. */
interface Head extends Guarded {
  readonly days: readonly { readonly day: number; readonly buckets: number }[];
}

/** What is due, at most DAY_BUCKET_IDS ids. */
export interface DuePage {
  readonly list: string;
  readonly day: number;
  readonly bucket: number;
  readonly ids: readonly string[];
  /** Version read, 0 = there was no bucket. */
  readonly v: number;
}

/** Lists of ids by the day something is due with them: what retention works on, without a scan. */
export interface DayLists {
  /**
   * Puts ids under a day to come; resolves when they are stored. An id may stand twice: what is done with it must be idempotent. Add before the
   * thing is written that makes it due, and leave alone what does not exist when it is due.
   */
  add(list: string, day: number, ids: readonly string[]): Promise<void>;
  /** A page of the oldest day up to `until`; null: nothing is due. */
  due(list: string, until: number): Promise<DuePage | null>;
  /** Drops a page whose ids are all done with; safe to repeat. */
  done(page: DuePage): Promise<void>;
}

export function dayOf(unixMs: number): number {
  return Math.floor(unixMs / DAY_MS);
}

/** Opens "<collection>" (buckets "<list>:<day>:<n>") and "<collection>_heads". */
export async function openDayLists(connection: MongoConnection, collection: string): Promise<DayLists> {
  const buckets = await connection.documents<Bucket>(collection);
  const heads = await connection.documents<Head>(`${collection}_heads`);
  const writers = new SerialByKey();
  const bucketId = (list: string, day: number, bucket: number): string => `${list}:${day}:${bucket}`;

  /** Changes the number of a day's buckets from what the caller saw; false: somebody else did. */
  const resize = async (list: string, day: number, from: number, to: number): Promise<boolean> => {
    const head = await heads.get(list);
    const known = head?.days.find((entry) => entry.day === day)?.buckets ?? 0;
    if (known !== from) return false;
    const days = [...(head?.days.filter((entry) => entry.day !== day) ?? []), ...(to > 0 ? [{ day, buckets: to }] : [])];
    return head ? heads.replace({ ...head, days }) : heads.insert({ _id: list, v: 1, days });
  };

  /** Adds what fits; answers how many ids that were, 0 when another process was first. */
  const put = async (list: string, day: number, ids: readonly string[]): Promise<number> => {
    const count = (await heads.get(list))?.days.find((entry) => entry.day === day)?.buckets ?? 0;
    const newest = count > 0 ? await buckets.get(bucketId(list, day, count - 1)) : null;
    const room = count === 0 ? 0 : DAY_BUCKET_IDS - (newest?.ids.length ?? 0);
    if (room === 0) {
      await resize(list, day, count, count + 1);
      return 0;
    }
    const some = ids.slice(0, room);
    const won = newest
      ? await buckets.replace({ ...newest, ids: [...newest.ids, ...some] })
      : await buckets.insert({ _id: bucketId(list, day, count - 1), v: 1, ids: some });
    return won ? some.length : 0;
  };

  return {
    add: (list, day, ids) =>
      writers.run(list, async () => {
        let left = ids;
        for (let tries = 0; left.length > 0;) {
          const stored = await put(list, day, left);
          left = left.slice(stored);
          if (stored > 0) continue;
          tries += 1;
          if (tries > MAX_TRIES + Math.ceil(ids.length / DAY_BUCKET_IDS)) {
            throw new TocsinError('ABORTED', 'TOO_MANY_WRITERS', 'Others add to the same list at the same time; try again.');
          }
          await pause(Math.random() * LOST_GUARD_PAUSE_MS * (tries - 1));
        }
      }),
    async due(list, until) {
      const days = (await heads.get(list))?.days.filter(({ day }) => day <= until) ?? [];
      const oldest = days.toSorted((a, b) => a.day - b.day)[0];
      if (!oldest) return null;
      const { day, buckets: count } = oldest;
      const stored = await buckets.get(bucketId(list, day, count - 1));
      return { list, day, bucket: count - 1, ids: stored?.ids ?? [], v: stored?.v ?? 0 };
    },
    done: (page) =>
      writers.run(page.list, async () => {
        const _id = bucketId(page.list, page.day, page.bucket);
        // Added to meanwhile: what came is found by the next look. Gone already: the head may still have to be told.
        if (page.v > 0 && !(await buckets.removeGuarded({ _id, v: page.v })) && (await buckets.get(_id))) return;
        await resize(page.list, page.day, page.bucket + 1, page.bucket);
      }),
  };
}
