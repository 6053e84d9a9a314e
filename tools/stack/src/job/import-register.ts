import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { RegisterKind } from '@tocsin/contracts/common/v1/common';
import { ImportHeader, ImportRegisterRequest, ImportState, type Import } from '@tocsin/contracts/subscribers/v1/registers_service';
import { TocsinError } from '@tocsin/errors';
import type { Partner } from './partner.js';

/** A file of 150,000 rows takes about a minute on two cores; five times that is a fault. */
const IMPORT_DEADLINE_MS = 300_000;
/** The API takes at most 64 KiB a message. */
const CHUNK_BYTES = 65_536;

/** Sends a CSV file to a tenant's general register and waits for its end; throws when it failed. */
export async function importRegister(partner: Partner, tenantId: string, file: string, seen: (progress: Import) => void): Promise<Import> {
  const header = ImportHeader.fromPartial({
    idempotencyKey: `demo-import-${(await fileHash(file)).slice(0, 32)}`,
    tenantId,
    register: RegisterKind.GENERAL,
    fileName: basename(file),
    purpose: 'alert',
  });
  let last: Import | undefined;
  for await (const answer of partner.registers.importRegister(parts(header, file), { deadlineMs: IMPORT_DEADLINE_MS })) {
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

async function* parts(header: ImportHeader, file: string): AsyncGenerator<ReturnType<typeof ImportRegisterRequest.fromPartial>> {
  yield ImportRegisterRequest.fromPartial({ part: { $case: 'header', value: header } });
  const handle = await open(file);
  try {
    for await (const chunk of handle.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false })) {
      yield ImportRegisterRequest.fromPartial({ part: { $case: 'chunk', value: chunk as Buffer } });
    }
  } finally {
    await handle.close();
  }
}
