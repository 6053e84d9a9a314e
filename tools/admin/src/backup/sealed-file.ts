import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { TocsinError } from '@tocsin/errors';

/** First line of a backup: what it is, which key opens it, and what makes its key its own. */
interface Head {
  readonly format: 'tocsin-backup';
  readonly version: 1;
  /** First bytes of a hash of the key: tells a wrong key from a damaged file. */
  readonly key: string;
  /** Hex: one key a file, so that counting nonces never meet twice. */
  readonly salt: string;
}

const MAX_HEAD_BYTES = 1_024;
/** Bytes of one sealed piece at most: a page of documents, or some records. */
const MAX_PIECE_BYTES = 64 * 1024 * 1024;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;
const OWNER_ONLY = 0o600;
/** Compression is there for the disk, not for the last percent. */
const LEVEL = 1;

/** Writes pieces into `<path>.part`, each compressed and sealed (AES-256-GCM), and gives it its name once all of it is on the disk. */
export class SealedWriter {
  private readonly fd: number;
  private readonly part: string;
  private readonly key: Buffer;
  private count = 0;
  bytes = 0;

  constructor(
    private readonly path: string,
    masterKey: Buffer,
  ) {
    this.part = `${path}.part`;
    rmSync(this.part, { force: true });
    this.fd = openSync(this.part, 'wx', OWNER_ONLY);
    const salt = randomBytes(16).toString('hex');
    this.key = keyOf(masterKey, salt);
    const head: Head = { format: 'tocsin-backup', version: 1, key: keyName(masterKey), salt };
    this.put(Buffer.from(`${JSON.stringify(head)}\n`));
  }

  /** `last`: nothing follows; a file that was cut has no such piece. */
  write(piece: Buffer, last = false): void {
    const cipher = createCipheriv('aes-256-gcm', this.key, nonceOf(this.count), { authTagLength: TAG_BYTES });
    cipher.setAAD(aadOf(this.count, last));
    this.count += 1;
    const sealed = Buffer.concat([cipher.update(deflateRawSync(piece, { level: LEVEL })), cipher.final(), cipher.getAuthTag()]);
    const length = Buffer.alloc(5);
    length.writeUInt32BE(sealed.length);
    length.writeUInt8(last ? 1 : 0, 4);
    this.put(length);
    this.put(sealed);
  }

  finish(): void {
    fsyncSync(this.fd);
    closeSync(this.fd);
    renameSync(this.part, this.path);
    const folder = openSync(dirname(this.path), 'r');
    fsyncSync(folder);
    closeSync(folder);
  }

  /** Leaves nothing behind. */
  abandon(): void {
    closeSync(this.fd);
    rmSync(this.part, { force: true });
  }

  private put(octets: Buffer): void {
    for (let at = 0; at < octets.length;) at += writeSync(this.fd, octets, at);
    this.bytes += octets.length;
  }
}

/** Reads the pieces of a backup in order; throws TocsinError FAILED_PRECONDITION for another key, DATA_LOSS-like reasons for a file that is damaged or cut. */
export function* readSealed(path: string, masterKey: Buffer): Generator<Buffer> {
  const fd = openBackup(path);
  try {
    const { head, length } = headOf(fd, path);
    if (head.key !== keyName(masterKey)) {
      throw refused('BACKUP_KEY', `${path} was written with another key.`);
    }
    const key = keyOf(masterKey, head.salt);
    let at = length;
    for (let count = 0; ; count += 1) {
      const prefix = readAt(fd, at, 5);
      if (prefix.length < 5) throw refused('BACKUP_CUT', `${path} is cut off after ${count} pieces.`);
      const size = prefix.readUInt32BE();
      const last = prefix.readUInt8(4) === 1;
      const sealed = size <= MAX_PIECE_BYTES ? readAt(fd, at + 5, size) : Buffer.alloc(0);
      if (sealed.length < Math.max(size, TAG_BYTES)) throw refused('BACKUP_CUT', `${path} is cut off or damaged after ${count} pieces.`);
      at += 5 + size;
      yield open(key, sealed, count, last, path);
      if (last) return;
    }
  } finally {
    closeSync(fd);
  }
}

function open(key: Buffer, sealed: Buffer, count: number, last: boolean, path: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(count), { authTagLength: TAG_BYTES });
  decipher.setAAD(aadOf(count, last));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    const packed = Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()]);
    return inflateRawSync(packed, { maxOutputLength: MAX_PIECE_BYTES });
  } catch (cause) {
    throw refused('BACKUP_DAMAGED', `${path} is damaged in its piece ${count}.`, cause);
  }
}

function openBackup(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw refused('FILE_UNREADABLE', `${path} cannot be read.`, cause);
  }
}

function headOf(fd: number, path: string): { readonly head: Head; readonly length: number } {
  const start = readAt(fd, 0, MAX_HEAD_BYTES);
  const end = start.indexOf('\n');
  try {
    const head = JSON.parse(start.subarray(0, end).toString('utf8')) as Head;
    if (head.format === 'tocsin-backup' && head.version === 1) return { head, length: end + 1 };
  } catch {
    // Said below.
  }
  throw refused('NOT_A_BACKUP', `${path} is not a backup of this release.`);
}

function readAt(fd: number, at: number, size: number): Buffer {
  const octets = Buffer.alloc(size);
  let read = 0;
  while (read < size) {
    const more = readSync(fd, octets, read, size - read, at + read);
    if (more === 0) break;
    read += more;
  }
  return octets.subarray(0, read);
}

function keyOf(masterKey: Buffer, salt: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, Buffer.from(salt, 'hex'), 'tocsin/backup/v1', 32));
}

function keyName(masterKey: Buffer): string {
  return createHash('sha256').update('tocsin/backup/name').update(masterKey).digest('hex').slice(0, 8);
}

function nonceOf(count: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeBigUInt64BE(BigInt(count), NONCE_BYTES - 8);
  return nonce;
}

function aadOf(count: number, last: boolean): Buffer {
  return Buffer.from(`${count} ${last ? 'last' : 'more'}`);
}

function refused(reason: string, message: string, cause?: unknown): TocsinError {
  return new TocsinError('FAILED_PRECONDITION', reason, message, { cause });
}
