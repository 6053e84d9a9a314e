import mongoose from 'mongoose';
import { setTimeout as pause } from 'node:timers/promises';
import { CommandRunner } from './command-runner.js';
import type { MongoDeps } from './documents.js';
import type { StoreAddress } from './store-address.js';
import { StoreClient } from './store-client.js';
import { restMs } from './store-share.js';

const { BSON } = mongoose.mongo;

/** Documents, and bytes, of one page at most: what lies in memory at once, and what the store sends in one go. */
const PAGE_DOCUMENTS = 100;
const PAGE_BYTES = 2 * 1024 * 1024;
/** Milliseconds the next documents may take: the first ones of an embedded store come after a look at all of them. */
const READ_MS = 60_000;
/** Milliseconds a page may take to be written. */
const WRITE_MS = 60_000;
/** Times a reading goes on from where it broke off. */
const MAX_BREAKS = 5;
/** Milliseconds before it does. */
const BREAK_REST_MS = 1_000;

/** A document as it lies in the store. */
export type RawDocument = Uint8Array;

/** A whole database, for backups: reads everything, which no service may. */
export interface Archive {
  /** Names of its collections, sorted. */
  collections(): Promise<readonly string[]>;
  /** Hands over every document by `_id`, page by page; resting in between so that reading takes `share` (0 to 1) of the time. Answers how many. */
  read(collection: string, share: number, onPage: (documents: readonly RawDocument[]) => Promise<void>): Promise<number>;
  isEmpty(collection: string): Promise<boolean>;
  /** One document, null where absent. */
  get(collection: string, id: string): Promise<RawDocument | null>;
  /** Writes new documents; throws when one of them exists. */
  write(collection: string, documents: readonly RawDocument[]): Promise<void>;
  remove(collection: string, id: string): Promise<void>;
  close(): Promise<void>;
}

export async function openArchive(address: StoreAddress, database: string, deps: MongoDeps): Promise<Archive> {
  const runner = new CommandRunner(deps.metrics);
  const client = await runner.run('find', () => StoreClient.open(address, database, deps.logger.child({ database })));
  const collectionOf = (name: string) => client.current.collection(name);
  const guarded = new Set<string>();

  const readFrom = async (name: string, after: string | undefined, onPage: (page: Buffer[]) => Promise<void>): Promise<void> => {
    const cursor = collectionOf(name)
      .find(after === undefined ? {} : { _id: { $gt: after as never } }, { raw: true, batchSize: PAGE_DOCUMENTS })
      .sort({ _id: 1 });
    try {
      let page: Buffer[] = [];
      let bytes = 0;
      for (;;) {
        const next = (await runner.run('all', () => cursor.next(), READ_MS)) as unknown as Buffer | null;
        // The driver's own buffer is used again: a page outlives it.
        if (next) page.push(Buffer.from(next));
        bytes += next?.length ?? 0;
        if (page.length > 0 && (!next || page.length >= PAGE_DOCUMENTS || bytes >= PAGE_BYTES)) {
          await onPage(page);
          page = [];
          bytes = 0;
        }
        if (!next) return;
      }
    } finally {
      await cursor.close().catch(() => undefined);
    }
  };

  return {
    async collections() {
      const listed = await runner.run('all', () => client.current.listCollections(), READ_MS);
      return listed
        .map(({ name }) => name)
        .filter((name) => !name.startsWith('system.'))
        .toSorted();
    },
    async read(collection, share, onPage) {
      let count = 0;
      let last: string | undefined;
      for (let breaks = 0; ; breaks += 1) {
        let began = performance.now();
        try {
          await readFrom(collection, last, async (page) => {
            const took = performance.now() - began;
            await onPage(page);
            count += page.length;
            last = idOf(page.at(-1) ?? Buffer.alloc(0));
            await pause(restMs(took, share));
            began = performance.now();
          });
          return count;
        } catch (error) {
          if (breaks >= MAX_BREAKS) throw error;
          deps.logger.warn('archive.reading-broke', { collection, error });
          await pause(BREAK_REST_MS);
        }
      }
    },
    async isEmpty(collection) {
      return (await runner.run('find', () => collectionOf(collection).findOne({}))) === null;
    },
    async get(collection, id) {
      const found = await runner.run('find', () => collectionOf(collection).findOne({ _id: id as never }, { raw: true }));
      return found ? Buffer.from(found as unknown as Buffer) : null;
    },
    async write(collection, documents) {
      if (!guarded.has(collection)) {
        await runner.run('index', () => collectionOf(collection).createIndex({ _id: 1, v: 1 }, { unique: true, name: 'guard' }), WRITE_MS);
        guarded.add(collection);
      }
      if (documents.length === 0) return;
      const page = documents.map((raw) => readDocument(raw));
      await runner.run('insert', () => collectionOf(collection).insertMany(page as never, { ordered: false }), WRITE_MS);
    },
    async remove(collection, id) {
      await runner.run('remove', () => collectionOf(collection).deleteOne({ _id: id as never }));
    },
    close: () => client.close(),
  };
}

/** The document with the types it has in the store, so that writing it again changes none. */
export function readDocument(raw: RawDocument): Record<string, unknown> {
  return BSON.deserialize(raw, { promoteValues: false, promoteBuffers: false, promoteLongs: false });
}

/** The document as code of ours reads it: numbers, and bytes as Buffers. */
export function plainDocument<T>(raw: RawDocument): T {
  return BSON.deserialize(raw, { promoteBuffers: true }) as T;
}

/** The other way. */
export function rawDocument(document: object): RawDocument {
  return BSON.serialize(document as never, { ignoreUndefined: true });
}

/** `_id` of a document. */
export function idOf(raw: RawDocument): string {
  return String(BSON.deserialize(raw)['_id']);
}
