import type { Connection } from 'mongoose';
import type { CommandRunner } from './command-runner.js';
import { isDuplicateKey } from './command-runner.js';
import type { Documents, Guarded } from './documents.js';

/** The driver's own collection, as mongoose hands it out. */
export type NativeCollection = ReturnType<Connection['collection']>;

/** Ids of one getMany at most; a register page of recipients' buckets fits twice. */
export const MAX_IDS = 500;
/** Point reads of one getMany in flight at once: enough to hide a round trip, few enough that others get a connection. */
const READS_AT_ONCE = 8;
/** Documents `all` answers at most. */
export const MAX_ALL = 10_000;
/** Milliseconds `all` may take: it reads many documents. */
const ALL_DEADLINE_MS = 15_000;

/** The portable subset over one collection of the driver. */
export class CollectionDocuments<T extends Guarded> implements Documents<T> {
  constructor(
    private readonly collection: () => NativeCollection,
    private readonly runner: CommandRunner,
  ) {}

  async get(id: string): Promise<T | null> {
    return (await this.runner.run('find', () => this.collection().findOne({ _id: id as never }))) as T | null;
  }

  async getMany(ids: readonly string[]): Promise<readonly (T | null)[]> {
    if (ids.length > MAX_IDS) throw new RangeError(`getMany takes at most ${MAX_IDS} ids, not ${ids.length}`);
    const answer = ids.map((): T | null => null);
    let next = 0;
    const reader = async (): Promise<void> => {
      for (let at = next++; at < ids.length; at = next++) answer[at] = await this.get(ids[at] ?? '');
    };
    await Promise.all(Array.from({ length: Math.min(READS_AT_ONCE, ids.length) }, reader));
    return answer;
  }

  async insert(document: T): Promise<boolean> {
    try {
      await this.runner.run('insert', () => this.collection().insertOne(document as never));
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async replace(document: T): Promise<boolean> {
    // Exactly the pair of the unique index: any other predicate makes the embedded store scan.
    const guard = { _id: document._id as never, v: document.v };
    const result = await this.runner.run('replace', () => this.collection().replaceOne(guard, { ...document, v: document.v + 1 }));
    return 'matchedCount' in result && result.matchedCount === 1;
  }

  async remove(id: string): Promise<boolean> {
    const result = await this.runner.run('remove', () => this.collection().deleteOne({ _id: id as never }));
    return result.deletedCount === 1;
  }

  async removeGuarded(document: Guarded): Promise<boolean> {
    const guard = { _id: document._id as never, v: document.v };
    const result = await this.runner.run('remove', () => this.collection().deleteOne(guard));
    return result.deletedCount === 1;
  }

  async all(): Promise<readonly T[]> {
    const read = (): Promise<unknown> => this.collection().find({}).sort({ _id: 1 }).limit(MAX_ALL).toArray();
    return (await this.runner.run('all', read, ALL_DEADLINE_MS)) as T[];
  }
}
