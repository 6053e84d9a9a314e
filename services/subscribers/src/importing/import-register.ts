import {
  ImportState,
  type Import,
  type ImportHeader,
  type ImportRegisterRequest,
  type ImportRegisterResponse,
} from '@tocsin/contracts/subscribers/v1/registers_service';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError, invalidArgument } from '@tocsin/errors';
import type { AggregateStore } from '@tocsin/mongo';
import type { Logger } from '@tocsin/observability';
import type { Sealer } from '@tocsin/sealing';
import type { HeadDocument, TenantFacts } from '../register/heads.js';
import { registerScope } from '../register/scope.js';
import type { ChunkParts } from './chunk-writer.js';
import { FileFingerprint } from './file-fingerprint.js';
import { DEFAULT_PURPOSE, checkHeader, checkSameFile, failed, finished, openImport, type ImportAggregate } from './import-state.js';
import type { RowBudget } from './row-budget.js';
import { ImportRun } from './run-import.js';
import { VerdictLog, type VerdictStore } from './verdict-store.js';

export interface ImportServiceParts extends Omit<ChunkParts, 'buckets' | 'pages'> {
  /** Claims and pages as imports reach them: in the lane of files. */
  readonly bulk: Pick<ChunkParts, 'buckets' | 'pages'>;
  readonly imports: AggregateStore<ImportAggregate>;
  readonly verdicts: VerdictStore;
  readonly sealer: Sealer;
  readonly budget: RowBudget;
  readonly logger: Logger;
  now(): number;
  tenantFacts(tenantId: string, caller: Caller): Promise<TenantFacts>;
}

/** Milliseconds between two answers of progress. */
const PROGRESS_EVERY_MS = 1_000;
/** Bytes of one chunk at most: what a gRPC message carries well. */
const MAX_CHUNK_BYTES = 1024 * 1024;

/** Takes a file from a stream: answers progress about once a second and the import at the end, finished, or an error that says what was wrong. */
export async function* importRegister(
  requests: AsyncIterable<ImportRegisterRequest>,
  caller: Caller,
  parts: ImportServiceParts,
  signal: AbortSignal,
): AsyncGenerator<ImportRegisterResponse> {
  const stream = requests[Symbol.asyncIterator]();
  const first = await stream.next();
  const header = first.done ? undefined : headerOf(first.value);
  if (!header) throw invalidArgument([{ field: 'header', description: 'must be the first message' }]);
  checkHeader(header);
  const scope = registerScope(header.tenantId, header.register);
  const state = await openImport(parts.imports, header, parts.now());
  const fingerprint = new FileFingerprint();
  if (state.import.state === ImportState.FINISHED) {
    // The bytes are read to the end: a client that still sends must not see its call cut, and another file is no repetition.
    for await (const chunk of fingerprint.of(chunksOf(stream))) void chunk;
    checkSameFile(state, fingerprint);
    yield { import: state.import };
    return;
  }
  const log = new VerdictLog(parts.verdicts, state.import.importId);
  const open = (): Promise<HeadDocument> =>
    parts.heads.open(header.tenantId, header.register, () => parts.tenantFacts(header.tenantId, caller));
  const purpose = header.purpose || DEFAULT_PURPOSE;
  const order = { ...header, importId: state.import.importId, purpose, startedAt: state.import.startedAt };
  const run = new ImportRun(order, log, { ...parts, ...parts.bulk, openRegister: open });
  const done = run.run(fingerprint.of(chunksOf(stream))).then(
    () => finish(run, log, fingerprint.hex(), parts),
    (error: unknown) => fail(run, log, parts, signal.aborted ? interrupted() : error),
  );
  // Heard below; a client that leaves early must not turn it into an unhandled rejection.
  done.catch(() => undefined);
  for (;;) {
    const end = await within(done, PROGRESS_EVERY_MS);
    if (end) {
      parts.logger.info('import.finished', { scope, importId: end.importId, rows: end.rows, created: end.created, refused: end.refused });
      yield { import: end };
      return;
    }
    yield { import: { ...run.progress(), state: ImportState.RUNNING } };
  }
}

async function finish(run: ImportRun, log: VerdictLog, fileHash: string, parts: ImportServiceParts): Promise<Import> {
  const result = run.progress();
  const stored = await parts.imports.update(result.importId, (state) =>
    finished(state, { result, verdicts: log.kept, fileHash, now: parts.now() }),
  );
  return stored?.state.import ?? result;
}

async function fail(run: ImportRun, log: VerdictLog, parts: ImportServiceParts, error: unknown): Promise<never> {
  const result = run.progress();
  const message =
    error instanceof TocsinError ? error.message : 'The import was interrupted by a fault of the service; repeat it with the same key.';
  parts.logger.warn('import.failed', {
    importId: result.importId,
    rows: result.rows,
    reason: error instanceof TocsinError ? error.reason : 'FAULT',
    ...(error instanceof TocsinError ? {} : { error: error instanceof Error ? error.message : String(error) }),
  });
  await log.flush(true).catch(() => undefined);
  await parts.imports.update(result.importId, (state) => failed(state, result, message, log.kept, parts.now())).catch(() => undefined);
  throw error;
}

function headerOf(request: ImportRegisterRequest): ImportHeader | undefined {
  return request.part?.$case === 'header' ? request.part.value : undefined;
}

async function* chunksOf(stream: AsyncIterator<ImportRegisterRequest>): AsyncGenerator<Buffer> {
  for (let next = await stream.next(); !next.done; next = await stream.next()) {
    const { part } = next.value;
    if (part?.$case !== 'chunk') throw invalidArgument([{ field: 'part', description: 'must be a chunk after the header' }]);
    if (part.value.length > MAX_CHUNK_BYTES) {
      throw invalidArgument([{ field: 'chunk', description: `must have at most ${MAX_CHUNK_BYTES} bytes` }]);
    }
    yield part.value;
  }
}

/** The result, or undefined when it takes longer. */
async function within<T>(work: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function interrupted(): TocsinError {
  return new TocsinError('UNAVAILABLE', 'INTERRUPTED', 'The file was not sent to its end; repeat the import with the same key.');
}
