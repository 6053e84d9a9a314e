import { randomUUID } from 'node:crypto';
import { RegisterKind } from '@tocsin/contracts/common/v1/common';
import { ImportHeader, ImportRegisterRequest, ImportState } from '@tocsin/contracts/subscribers/v1/registers_service';
import { TocsinError } from '@tocsin/errors';
import type { Partner } from './partner.js';

/** A CSV file for a tenant's general register, in pieces of at most 64 KiB, which is what the API takes a message. */
export interface RegisterUpload {
  readonly tenantId: string;
  readonly fileName: string;
  readonly pieces: Iterable<string> | AsyncIterable<string | Buffer>;
  /** One of its own where none is given: the same file again makes nothing new. */
  readonly idempotencyKey?: string;
}

/** The calls of an import. */
export async function* uploadRegister({
  tenantId,
  fileName,
  pieces,
  idempotencyKey,
}: RegisterUpload): AsyncGenerator<ImportRegisterRequest> {
  const header = ImportHeader.fromPartial({
    idempotencyKey: idempotencyKey ?? randomUUID(),
    tenantId,
    register: RegisterKind.GENERAL,
    fileName,
    purpose: 'alert',
  });
  yield ImportRegisterRequest.fromPartial({ part: { $case: 'header', value: header } });
  for await (const piece of pieces) {
    const value = typeof piece === 'string' ? Buffer.from(piece) : piece;
    yield ImportRegisterRequest.fromPartial({ part: { $case: 'chunk', value } });
  }
}

/** Imports generated contacts; throws FAILED_PRECONDITION unless each became one, since what is sent to is not known otherwise. */
export async function importGenerated(agent: Partner, upload: RegisterUpload, contacts: number, deadlineMs: number): Promise<void> {
  let last;
  for await (const answer of agent.registers.importRegister(uploadRegister(upload), { deadlineMs })) last = answer.import ?? last;
  if (last?.state === ImportState.FINISHED && Number(last.created) === contacts) return;
  const sentence = `The import of ${upload.fileName} made ${last?.created ?? 0} of ${contacts} contacts of tenant ${upload.tenantId}.`;
  throw new TocsinError('FAILED_PRECONDITION', 'IMPORT_INCOMPLETE', sentence);
}
