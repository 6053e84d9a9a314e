import { readFileSync, statSync } from 'node:fs';
import { TocsinError } from '@tocsin/errors';

/** Bytes of the platform key. */
export const PLATFORM_KEY_BYTES = 32;

/** Bits of a file's mode that let anyone but its owner in. */
const OTHERS = 0o077;
/** Of them, the one by which a group reads. */
const GROUP_READS = 0o040;

/** Reads the platform key: 64 hex characters, readable by its owner only (or mounted, see isOpen); throws TocsinError FAILED_PRECONDITION naming the remedy. */
export function readKeyFile(path: string): Buffer {
  let file: { readonly mode: number; readonly uid: number };
  let text: string;
  try {
    file = statSync(path);
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw refused('KEY_FILE_UNREADABLE', `The key file ${path} cannot be read (${code}); create it with: ${remedy(path)}`, error);
  }
  if (isOpen(file, process.getuid?.())) {
    throw refused(
      'KEY_FILE_OPEN',
      `The key file ${path} can be read by others (mode ${(file.mode & 0o777).toString(8)}); run: chmod 600 ${path}`,
    );
  }
  return parseKey(text, path);
}

/**
 * Whether others than this process can get at a file. A secret that Kubernetes mounts belongs to root and is read by the pod's own group (0440, as
 * fsGroup has it): the process, which is not its owner, has no other way in, and nobody else is in that group.
 */
export function isOpen({ mode, uid }: { readonly mode: number; readonly uid: number }, ownUid: number | undefined): boolean {
  const mounted = uid === 0 && ownUid !== undefined && ownUid !== 0;
  return (mode & (mounted ? OTHERS & ~GROUP_READS : OTHERS)) !== 0;
}

/** Parses the text of a key file; the key itself is never part of an error. */
export function parseKey(text: string, path: string): Buffer {
  if (!/^[0-9a-fA-F]+$/.test(text) || text.length !== PLATFORM_KEY_BYTES * 2) {
    throw refused(
      'KEY_FILE_MALFORMED',
      `The key file ${path} must hold exactly ${PLATFORM_KEY_BYTES * 2} hexadecimal characters (it has ${text.length} characters); create one with: ${remedy(path)}`,
    );
  }
  const key = Buffer.from(text, 'hex');
  if (key.every((byte) => byte === key[0])) {
    throw refused('KEY_FILE_WEAK', `The key file ${path} repeats one byte; create a random one with: ${remedy(path)}`);
  }
  return key;
}

function remedy(path: string): string {
  return `(umask 077; openssl rand -hex ${PLATFORM_KEY_BYTES} > ${path})`;
}

function refused(reason: string, message: string, cause?: unknown): TocsinError {
  return new TocsinError('FAILED_PRECONDITION', reason, message, { cause });
}
