import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** One user of the embedded document store, as its file has it: enough to check a password (RFC 5802), not to know it. */
export interface StoreUser {
  readonly user: string;
  /** The only database it may use; '*' all of them. */
  readonly database: string;
  readonly iterations: number;
  /** These three base64. */
  readonly salt: string;
  readonly storedKey: string;
  readonly serverKey: string;
}

/** As MongoDB's own default for SCRAM-SHA-256. */
const ITERATIONS = 15_000;
const SALT_BYTES = 28;
const KEY_BYTES = 32;

/** The entry of a user; one made before for the same password is kept, so that the file changes only when a password does. */
export function storeUser(user: string, database: string, password: string, before: StoreUser | undefined): StoreUser {
  if (before?.database === database && derive(user, database, password, before.salt).storedKey === before.storedKey) return before;
  return derive(user, database, password, randomBytes(SALT_BYTES).toString('base64'));
}

function derive(user: string, database: string, password: string, salt: string): StoreUser {
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), ITERATIONS, KEY_BYTES, 'sha256');
  const hmac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  return {
    user,
    database,
    iterations: ITERATIONS,
    salt,
    storedKey: createHash('sha256').update(hmac('Client Key')).digest('base64'),
    serverKey: hmac('Server Key').toString('base64'),
  };
}
