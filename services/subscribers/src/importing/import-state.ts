import { createHash } from 'node:crypto';
import { TOPICS, record } from '@tocsin/contracts';
import { Import, ImportState, type ImportHeader } from '@tocsin/contracts/subscribers/v1/registers_service';
import { TocsinError, invalidArgument, type FieldViolation } from '@tocsin/errors';
import type { AggregateStore, Decision } from '@tocsin/mongo';
import { MAX_GROUP_NAME, MAX_GROUPS } from '../csv/person-row.js';

/** An import at rest. */
export interface ImportAggregate {
  readonly import: Import;
  /** Of the header, so that a key is not used for another import. */
  readonly headerHash: string;
  /** Of the file's bytes, once finished ('' in imports of an earlier release), so that a key is not used for another file. */
  readonly fileHash: string;
  readonly verdicts: number;
}

/** The purpose of consents when the header names none. */
export const DEFAULT_PURPOSE = 'alert';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Characters of a ULID. */
const ULID_LENGTH = 26;

/** The import's id follows from tenant and key: who repeats the call meets the same document, on every instance. */
export function importIdOf(tenantId: string, idempotencyKey: string): string {
  const digest = createHash('sha256').update(`${tenantId}\0${idempotencyKey}`).digest();
  const text = Array.from(digest.subarray(0, ULID_LENGTH), (byte) => CROCKFORD[byte & 31]).join('');
  // A ULID's first character is at most 7.
  return `imp_${(digest[0] ?? 0) & 7}${text.slice(1)}`;
}

export function checkHeader(header: ImportHeader): void {
  const violations: FieldViolation[] = [];
  if (header.tenantId === '') violations.push({ field: 'header.tenant_id', description: 'must be given' });
  if (header.idempotencyKey === '' || header.idempotencyKey.length > 128) {
    violations.push({ field: 'header.idempotency_key', description: 'must have 1 to 128 characters' });
  }
  if (header.fileName.length > 255) violations.push({ field: 'header.file_name', description: 'must have at most 255 characters' });
  if (!/^[a-z][a-z0-9-]{0,31}$|^$/.test(header.purpose)) {
    violations.push({ field: 'header.purpose', description: 'must be lower-case letters, digits and dashes, at most 32, e.g. "alert"' });
  }
  if (header.groups.length > MAX_GROUPS || header.groups.some((group) => group.trim() === '' || group.length > MAX_GROUP_NAME)) {
    violations.push({ field: 'header.groups', description: `must be at most ${MAX_GROUPS} names of 1 to ${MAX_GROUP_NAME} characters` });
  }
  if (violations.length > 0) throw invalidArgument(violations);
}

/** The import of this header, made or continued; a finished one is answered as it stands. Throws ALREADY_EXISTS for another header under the key. */
export async function openImport(store: AggregateStore<ImportAggregate>, header: ImportHeader, now: number): Promise<ImportAggregate> {
  const importId = importIdOf(header.tenantId, header.idempotencyKey);
  const headerHash = createHash('sha256')
    .update(JSON.stringify([header.register, header.fileName, header.purpose || DEFAULT_PURPOSE, header.groups]))
    .digest('hex');
  const standing = await store.get(importId);
  if (standing && standing.state.headerHash !== headerHash) {
    throw new TocsinError('ALREADY_EXISTS', 'IDEMPOTENCY_KEY_REUSED', 'This idempotency key belongs to an import with another header.');
  }
  if (standing?.state.import.state === ImportState.FINISHED) return standing.state;
  const fresh: ImportAggregate = {
    import: Import.fromPartial({
      importId,
      tenantId: header.tenantId,
      register: header.register,
      fileName: header.fileName,
      state: ImportState.RUNNING,
      startedAt: standing?.state.import.startedAt ?? now,
    }),
    headerHash,
    fileHash: '',
    verdicts: 0,
  };
  if (standing)
    await store.update(importId, (state) => (state.import.state === ImportState.FINISHED ? null : { state: fresh, events: [] }));
  else await store.create(importId, { state: fresh, events: [] });
  return fresh;
}

/** Throws ALREADY_EXISTS when a finished import is repeated with another file; who sends no bytes only asks how it ended. */
export function checkSameFile(state: ImportAggregate, file: { readonly bytes: number; hex(): string }): void {
  if (file.bytes === 0 || !state.fileHash || state.fileHash === file.hex()) return;
  throw new TocsinError('ALREADY_EXISTS', 'IDEMPOTENCY_KEY_REUSED', 'This idempotency key belongs to an import of another file.');
}

export interface Finish {
  readonly result: Import;
  readonly verdicts: number;
  readonly fileHash: string;
  readonly now: number;
}

/** A finished import stays as the first run ended it; its event tells register.events.v1. */
export function finished(state: ImportAggregate, { result, verdicts, fileHash, now }: Finish): Decision<ImportAggregate> | null {
  if (state.import.state === ImportState.FINISHED) return null;
  const done = { ...result, state: ImportState.FINISHED, finishedAt: now, failure: '' };
  const event = record(
    TOPICS.registerEvents.name,
    done.tenantId,
    'tocsin.subscribers.v1.RegisterImported',
    { import: done },
    {
      tenantId: done.tenantId,
      occurredAt: now,
    },
  );
  return { state: { ...state, import: done, fileHash, verdicts }, events: [event] };
}

export function failed(
  state: ImportAggregate,
  result: Import,
  failure: string,
  verdicts: number,
  now: number,
): Decision<ImportAggregate> | null {
  if (state.import.state === ImportState.FINISHED) return null;
  return { state: { ...state, import: { ...result, state: ImportState.FAILED, finishedAt: now, failure }, verdicts }, events: [] };
}
