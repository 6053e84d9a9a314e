import type { MongoConnection, MongoDeps } from './documents.js';

/** Connects to one service's database (mongoose, bufferCommands off, majority writes, server selection <= 3 s). */
export async function connectMongo(uri: string, database: string, deps: MongoDeps): Promise<MongoConnection> {
  void uri;
  void deps;
  throw new Error(`not built yet: ${database}`);
}
