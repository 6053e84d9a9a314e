export { connectMongo } from './connect.js';
export { openAggregateStore } from './aggregate-store.js';
export type { AggregateStore, AggregateStoreOptions, Decision, Stored } from './aggregate-store.js';
export type { Documents, Guarded, MongoConnection, MongoDeps } from './documents.js';
