import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { newId } from '@tocsin/contracts';
import { TocsinError } from '@tocsin/errors';
import type { MongoConnection } from '@tocsin/mongo';
import {
  bootstrapPlatform,
  isBootstrapped,
  keyWorks,
  parseToken,
  writeToken,
} from '../../../services/tenants/dist/bootstrap/platform-admin.js';
import { readKeyFile, writeKeyFile } from './key-file.js';

const SECRET_BYTES = 32;

export interface BootstrapResult {
  /** false: done before, and the file holds a key that works. */
  readonly created: boolean;
  readonly principalId?: string;
  readonly keyId: string;
  readonly file: string;
}

/**
 * Makes the first platform administrator, once, and writes its key into a file. The file comes first: a crash leaves a key that the next call
 * registers, never an administrator without a key.
 */
export async function bootstrap(connection: MongoConnection, file: string, now: number): Promise<BootstrapResult> {
  const fresh = writeToken(newId('key'), randomBytes(SECRET_BYTES));
  const written = !(await isBootstrapped(connection)) && writeKeyFile(file, fresh);
  const token = written ? fresh : readKeyFile(file);
  const parsed = token === undefined ? undefined : parseToken(token);
  if (token === undefined || !parsed) {
    if (token === undefined)
      throw refused('ALREADY_BOOTSTRAPPED', 'The first administrator was made before; its key is where that call wrote it.');
    throw refused('FILE_TAKEN', `${file} exists and does not hold a key; choose another file.`);
  }
  if (await keyWorks(connection, token, now)) return { created: false, keyId: parsed.keyId, file };
  const made = await bootstrapPlatform(connection, token, now);
  if (!made.own) {
    if (written) rmSync(file, { force: true });
    throw refused('ALREADY_BOOTSTRAPPED', `The first administrator was made before with another key than the one in ${file}.`);
  }
  if (!(await keyWorks(connection, token, now))) {
    throw refused('KEY_REVOKED', `The key in ${file} was the first administrator's and works no more: it was revoked.`);
  }
  return { created: true, principalId: made.principalId, keyId: made.keyId, file };
}

function refused(reason: string, message: string): TocsinError {
  return new TocsinError('FAILED_PRECONDITION', reason, message);
}
