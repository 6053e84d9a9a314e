import { closeSync, fsyncSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { TocsinError } from '@tocsin/errors';

const OWNER_ONLY = 0o600;
/** Bits that let anyone but the owner in. */
const OTHERS = 0o077;

/** Writes the key into a new file that only its owner reads; false: the file exists. It is on the disk when this returns. */
export function writeKeyFile(path: string, token: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'wx', OWNER_ONLY);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new TocsinError('FAILED_PRECONDITION', 'FILE_UNWRITABLE', `${path} cannot be created (${codeOf(error)}).`, { cause: error });
  }
  try {
    writeSync(descriptor, `${token}\n`);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(path, { force: true });
    throw new TocsinError('FAILED_PRECONDITION', 'FILE_UNWRITABLE', `${path} cannot be written (${codeOf(error)}).`, { cause: error });
  } finally {
    closeSync(descriptor);
  }
  return true;
}

/** undefined: no such file. Throws TocsinError FAILED_PRECONDITION for one that others can read. */
export function readKeyFile(path: string): string | undefined {
  let mode: number;
  let text: string;
  try {
    mode = statSync(path).mode;
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new TocsinError('FAILED_PRECONDITION', 'FILE_UNREADABLE', `${path} cannot be read (${codeOf(error)}).`, { cause: error });
  }
  if ((mode & OTHERS) !== 0) {
    throw new TocsinError(
      'FAILED_PRECONDITION',
      'FILE_OPEN',
      `${path} can be read by others: a key in it is not secret; choose another file.`,
    );
  }
  return text;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
