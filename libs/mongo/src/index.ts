export { connectMongo } from './connect.js';
export { openAggregateStore } from './aggregate-store.js';
export type { AggregateStore, AggregateStoreOptions, Decision, Stored } from './aggregate-store.js';
export type { Documents, Guarded, MongoConnection, MongoDeps } from './documents.js';
export { BUCKET_IDS, openIdLists } from './id-lists.js';
export type { IdLists, IdPage } from './id-lists.js';
export { migrate } from './migrations.js';
export type { Migration } from './migrations.js';
