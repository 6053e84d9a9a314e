import { createReadStream } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Import, ImportHeader, ImportRegisterRequest } from '@tocsin/contracts/subscribers/v1/registers_service';
import { TocsinError } from '@tocsin/errors';
import type { Platform } from '../platform.js';

/** Bytes of a chunk: the API's limit. */
const CHUNK_BYTES = 64 * 1024;
/** 2,000,000 rows, ms. */
const IMPORT_MS = 2 * 60 * 60 * 1000;
/** Times a broken import is begun again; rows already taken change nothing. */
const MAX_TRIES = 5;
const PAUSE_MS = 2_000;
const COMES_BACK: ReadonlySet<string> = new Set(['UNAVAILABLE', 'RESOURCE_EXHAUSTED']);

/** Streams a file as fast as the platform takes it; a break is repeated under the same idempotency key. Resolves with the finished import. */
export async function importFile(
  platform: Pick<Platform, 'registers'>,
  file: string,
  header: ImportHeader,
  onProgress: (bytes: number, state: Import | undefined) => void,
): Promise<Import> {
  for (let tried = 1; ; tried += 1) {
    let last: Import | undefined;
    try {
      const requests = requestsOf(file, header, (bytes) => onProgress(bytes, last));
      for await (const answer of platform.registers.importRegister(requests, { deadlineMs: IMPORT_MS })) {
        last = answer.import ?? last;
      }
      if (last !== undefined) return last;
      throw new TocsinError('INTERNAL', 'ANSWER_EMPTY', 'The import ended without an answer.');
    } catch (error) {
      if (tried >= MAX_TRIES || !(error instanceof TocsinError) || !COMES_BACK.has(error.code)) throw error;
      await wait(PAUSE_MS);
    }
  }
}

async function* requestsOf(
  file: string,
  header: ImportHeader,
  onBytes: (bytes: number) => void,
): AsyncGenerator<ImportRegisterRequest, void, undefined> {
  yield { part: { $case: 'header', value: header } };
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    yield { part: { $case: 'chunk', value: chunk } };
    onBytes(bytes);
  }
}
