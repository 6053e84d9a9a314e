import { setTimeout as pause } from 'node:timers/promises';
import { TocsinError } from '@tocsin/errors';
import type { Guarded, MongoConnection } from './documents.js';
import { SerialByKey } from './serial-by-key.js';

/** Ids of one bucket: a point read of some 20 kB. */
export const BUCKET_IDS = 500;
/** Times an append is tried against other processes. */
const MAX_TRIES = 20;
/** Milliseconds waited at most after the n-th lost guard, times n. */
const LOST_GUARD_PAUSE_MS = 5;

interface Bucket extends Guarded {
  readonly ids: readonly string[];
}

/** Number of the newest bucket; a hint that may lag by one. */
interface Head extends Guarded {
  readonly last: number;
}

export interface IdPage {
  readonly ids: readonly string[];
  /** '' = the end. */
  readonly nextPageToken: string;
}

/** Lists of ids in order of arrival, read without a scan: buckets "<list>:<n>" and a head "<list>". */
export interface IdLists {
  /** Idempotent against the two newest buckets: append before the thing is made, and leave out what does not exist when reading. */
  append(list: string, id: string): Promise<void>;
  /** At most `size` ids (1 to 500); throws TocsinError INVALID_ARGUMENT for a token this list never gave. */
  page(list: string, size: number, pageToken: string): Promise<IdPage>;
}

export async function openIdLists(connection: MongoConnection, collection: string): Promise<IdLists> {
  const buckets = await connection.documents<Bucket>(collection);
  const heads = await connection.documents<Head>(`${collection}_heads`);
  const writers = new SerialByKey();

  const add = async (list: string, id: string): Promise<boolean> => {
    const head = await heads.get(list);
    const last = head?.last ?? 0;
    const [before, newest] = await buckets.getMany([`${list}:${last - 1}`, `${list}:${last}`]);
    if (before?.ids.includes(id) || newest?.ids.includes(id)) return true;
    if (!newest) return buckets.insert({ _id: `${list}:${last}`, v: 1, ids: [id] });
    if (newest.ids.length < BUCKET_IDS) return buckets.replace({ ...newest, ids: [...newest.ids, id] });
    if (head) await heads.replace({ ...head, last: last + 1 });
    else await heads.insert({ _id: list, v: 1, last: 1 });
    return false;
  };

  return {
    append: (list, id) =>
      writers.run(list, async () => {
        for (let lost = 0; lost < MAX_TRIES; lost += 1) {
          if (await add(list, id)) return;
          await pause(Math.random() * LOST_GUARD_PAUSE_MS * lost);
        }
        throw new TocsinError('ABORTED', 'TOO_MANY_WRITERS', 'Others add to the same list at the same time; try again.');
      }),
    async page(list, size, pageToken) {
      let { bucket, offset } = readToken(pageToken);
      const ids: string[] = [];
      for (;;) {
        const stored = await buckets.get(`${list}:${bucket}`);
        if (!stored) return { ids, nextPageToken: '' };
        const taken = stored.ids.slice(offset, offset + size - ids.length);
        ids.push(...taken);
        offset += taken.length;
        if (offset >= BUCKET_IDS) {
          bucket += 1;
          offset = 0;
        } else if (offset >= stored.ids.length) return { ids, nextPageToken: '' };
        if (ids.length >= size) return { ids, nextPageToken: `${bucket}.${offset}` };
      }
    },
  };
}

function readToken(pageToken: string): { bucket: number; offset: number } {
  if (pageToken === '') return { bucket: 0, offset: 0 };
  const match = /^(\d{1,7})\.(\d{1,3})$/.exec(pageToken);
  if (!match) {
    throw new TocsinError('INVALID_ARGUMENT', 'INVALID_FIELDS', 'page_token: is not one this list gave.', {
      fieldViolations: [{ field: 'page_token', description: 'is not one this list gave' }],
    });
  }
  return { bucket: Number(match[1]), offset: Number(match[2]) };
}
