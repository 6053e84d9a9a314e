import mongoose from 'mongoose';
import { CollectionDocuments } from './collection-documents.js';
import { CommandRunner } from './command-runner.js';
import type { Documents, Guarded, MongoConnection, MongoDeps } from './documents.js';

/** Milliseconds to find a server; a caller's own deadline is 5 s and must not be spent here. */
const SERVER_SELECTION_MS = 3_000;
/** Milliseconds to open a socket, and for a heartbeat to answer. */
const CONNECT_MS = 2_000;
/** Milliseconds a socket may stay silent in a command before it is thrown away; above the command deadline. */
const SOCKET_MS = 20_000;
/** Milliseconds between two heartbeats. */
const HEARTBEAT_MS = 2_000;
/** Sockets of one process; the embedded store runs one command at a time anyway. */
const POOL = 12;
/** Milliseconds a write may wait for a majority of the replica set. */
const MAJORITY_MS = 4_000;
/** Milliseconds an index may take to build on a collection that already has documents. */
const INDEX_MS = 60_000;

/** Documents of one bulk insert: below a megabyte, since the embedded store answers nobody else meanwhile, not even the driver's heartbeat. */
const INSERTS_AT_ONCE = 120;
/** Milliseconds a bulk insert may take. */
const INSERT_MANY_MS = 30_000;

/** Connects to one service's database (mongoose, bufferCommands off, majority writes, server selection <= 3 s). */
export async function connectMongo(uri: string, database: string, deps: MongoDeps): Promise<MongoConnection> {
  const runner = new CommandRunner(deps.metrics);
  const logger = deps.logger.child({ database });
  const connection = mongoose.createConnection(uri, {
    dbName: database,
    bufferCommands: false,
    autoCreate: false,
    autoIndex: false,
    serverSelectionTimeoutMS: SERVER_SELECTION_MS,
    connectTimeoutMS: CONNECT_MS,
    socketTimeoutMS: SOCKET_MS,
    heartbeatFrequencyMS: HEARTBEAT_MS,
    serverMonitoringMode: 'poll',
    maxPoolSize: POOL,
    waitQueueTimeoutMS: SERVER_SELECTION_MS,
    writeConcern: { w: 'majority', wtimeoutMS: MAJORITY_MS },
    promoteBuffers: true,
    ignoreUndefined: true,
    appName: `tocsin-${database}`,
  });
  connection.on('error', (error: Error) => logger.warn('store.error', { error: error.name }));
  let closing = false;
  connection.on('disconnected', () => closing || logger.warn('store.disconnected'));
  connection.on('reconnected', () => logger.info('store.reconnected'));
  await runner.run('find', () => connection.asPromise());

  const opened = new Map<string, Promise<Documents<Guarded>>>();
  const open = async (name: string): Promise<Documents<Guarded>> => {
    const collection = connection.collection(name);
    await runner.run('index', () => collection.createIndex({ _id: 1, v: 1 }, { unique: true, name: 'guard' }), INDEX_MS);
    return new CollectionDocuments<Guarded>(collection, runner);
  };
  return {
    async documents<T extends Guarded>(name: string): Promise<Documents<T>> {
      const known = opened.get(name);
      const opening = known ?? open(name);
      if (!known) {
        opened.set(name, opening);
        opening.catch(() => opened.delete(name));
      }
      return (await opening) as unknown as Documents<T>;
    },
    async insertMany<T extends Guarded>(name: string, documents: readonly T[]): Promise<void> {
      const collection = connection.collection(name);
      for (let from = 0; from < documents.length; from += INSERTS_AT_ONCE) {
        const page = documents.slice(from, from + INSERTS_AT_ONCE);
        await runner.run('insert', () => collection.insertMany(page as never, { ordered: false }), INSERT_MANY_MS);
      }
    },
    healthy: () => connection.readyState === mongoose.ConnectionStates.connected,
    close: () => {
      closing = true;
      return connection.close();
    },
  };
}
