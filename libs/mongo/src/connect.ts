import { TocsinError } from '@tocsin/errors';
import { CollectionDocuments, type NativeCollection } from './collection-documents.js';
import { CommandRunner } from './command-runner.js';
import type { Documents, Guarded, MongoConnection, MongoDeps } from './documents.js';
import type { StoreAddress } from './store-address.js';
import { StoreClient } from './store-client.js';

/** Milliseconds an index may take to build on a collection that already has documents. */
const INDEX_MS = 60_000;

/** Documents of one bulk insert: below a megabyte, since the embedded store answers nobody else meanwhile, not even the driver's heartbeat. */
const INSERTS_AT_ONCE = 120;
/** Milliseconds a service waits for its store at its start: a cut link or a store under repair; after that a restart reads its settings anew. */
export const STORE_PATIENCE = 600_000;
/** Milliseconds between two tries to open. */
const OPEN_AGAIN_MS = 500;
/** Milliseconds a bulk insert may take. */
const INSERT_MANY_MS = 30_000;

/**
 * Connects to one service's database (mongoose, bufferCommands off, majority writes, server selection <= 3 s). A bare address is one without TLS and user of
 * ours: of a test, or of a store that says both in its address. Rejects UNAVAILABLE when no server has let it in after `patienceMs`: 0 is one try.
 */
export async function connectMongo(
  address: string | StoreAddress,
  database: string,
  deps: MongoDeps,
  patienceMs = 0,
): Promise<MongoConnection> {
  const logger = deps.logger.child({ database });
  const opened: { client?: StoreClient } = {};
  const runner = new CommandRunner(deps.metrics, async (refused, since) => (await opened.client?.letInAgain(refused, since)) ?? false);
  const client = await openPatiently(patienceMs, logger, () =>
    runner.run('find', () => StoreClient.open(typeof address === 'string' ? { uri: address } : address, database, logger)),
  );
  opened.client = client;
  const collectionOf = (name: string): NativeCollection => client.current.collection(name);

  const collections = new Map<string, Promise<Documents<Guarded>>>();
  const open = async (name: string): Promise<Documents<Guarded>> => {
    await runner.run('index', () => collectionOf(name).createIndex({ _id: 1, v: 1 }, { unique: true, name: 'guard' }), INDEX_MS);
    return new CollectionDocuments<Guarded>(() => collectionOf(name), runner);
  };
  return {
    async documents<T extends Guarded>(name: string): Promise<Documents<T>> {
      const known = collections.get(name);
      const opening = known ?? open(name);
      if (!known) {
        collections.set(name, opening);
        opening.catch(() => collections.delete(name));
      }
      return (await opening) as unknown as Documents<T>;
    },
    async insertMany<T extends Guarded>(name: string, documents: readonly T[]): Promise<void> {
      for (let from = 0; from < documents.length; from += INSERTS_AT_ONCE) {
        const page = documents.slice(from, from + INSERTS_AT_ONCE);
        await runner.run('insert', () => collectionOf(name).insertMany(page as never, { ordered: false }), INSERT_MANY_MS);
      }
    },
    healthy: () => client.healthy(),
    close: () => client.close(),
  };
}

async function openPatiently(patienceMs: number, logger: MongoDeps['logger'], open: () => Promise<StoreClient>): Promise<StoreClient> {
  for (const until = performance.now() + patienceMs; ;) {
    try {
      return await open();
    } catch (error) {
      const away = error instanceof TocsinError && error.code === 'UNAVAILABLE';
      if (!away || performance.now() + OPEN_AGAIN_MS > until) throw error;
      logger.warn('store.awaited', { error: error.message });
      await new Promise((resolve) => setTimeout(resolve, OPEN_AGAIN_MS));
    }
  }
}
