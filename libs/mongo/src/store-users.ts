import mongoose from 'mongoose';
import { storeLogin, type StoreAddress } from './store-address.js';

/** A user of MongoDB that may read and write one database. */
export interface StoreUserSpec {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** ms for all users of an installation, over a slow line. */
const DEADLINE_MS = 15_000;
/** Where users are kept: TOCSIN_MONGO_AUTH_SOURCE's default. */
const USERS_DATABASE = 'admin';

/**
 * Makes users, or gives those that are there their password and right anew, as an administrator; connections that stand are not ended. For MongoDB: the embedded store
 * reads a file instead.
 */
export async function applyStoreUsers({ uri, security }: StoreAddress, users: readonly StoreUserSpec[]): Promise<void> {
  const connection = mongoose.createConnection(uri, {
    dbName: USERS_DATABASE,
    serverSelectionTimeoutMS: DEADLINE_MS,
    socketTimeoutMS: DEADLINE_MS,
    ...(security && storeLogin(security)),
  });
  try {
    await connection.asPromise();
    const database = connection.useDb(USERS_DATABASE).db;
    if (!database) throw new Error('connected without a database');
    const { users: present } = (await database.command({ usersInfo: 1 })) as unknown as { users: readonly { user: string }[] };
    const known = new Set(present.map(({ user }) => user));
    for (const spec of users) await database.command(userCommand(spec, known.has(spec.user)));
  } finally {
    await connection.destroy();
  }
}

/** The command that makes a user what it shall be; pure. */
export function userCommand({ user, password, database }: StoreUserSpec, exists: boolean): Record<string, unknown> {
  return {
    [exists ? 'updateUser' : 'createUser']: user,
    pwd: password,
    roles: [{ role: 'readWrite', db: database }],
    mechanisms: ['SCRAM-SHA-256'],
  };
}
