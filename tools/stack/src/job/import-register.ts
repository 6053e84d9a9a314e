import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { ImportState, type Import } from '@tocsin/contracts/subscribers/v1/registers_service';
import { TocsinError } from '@tocsin/errors';
import type { Partner } from './partner.js';
import { uploadRegister } from './upload-register.js';

/** A file of 150,000 rows takes about a minute on two cores; five times that is a fault. */
const IMPORT_DEADLINE_MS = 300_000;
/** The API takes at most 64 KiB a message. */
const CHUNK_BYTES = 65_536;

/** Sends a CSV file to a tenant's general register and waits for its end; throws when it failed. */
export async function importRegister(partner: Partner, tenantId: string, file: string, seen: (progress: Import) => void): Promise<Import> {
  const upload = {
    tenantId,
    fileName: basename(file),
    idempotencyKey: `demo-import-${(await fileHash(file)).slice(0, 32)}`,
    pieces: createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>,
  };
  let last: Import | undefined;
  for await (const answer of partner.registers.importRegister(uploadRegister(upload), { deadlineMs: IMPORT_DEADLINE_MS })) {
    last = answer.import ?? last;
    if (last !== undefined) seen(last);
  }
  if (last?.state !== ImportState.FINISHED) {
    const why = last?.failure === undefined || last.failure === '' ? 'no reason given' : last.failure;
    throw new TocsinError('FAILED_PRECONDITION', 'IMPORT_FAILED', `The import of ${basename(file)} did not finish: ${why}.`);
  }
  return last;
}

export async function fileHash(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
