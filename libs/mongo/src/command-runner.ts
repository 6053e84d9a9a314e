import { TocsinError } from '@tocsin/errors';
import type { Counter, Histogram, Metrics } from '@tocsin/observability';

/** Milliseconds a command may take, waiting for a connection and for a server included; raced here because a frozen server honours no maxTimeMS. */
export const COMMAND_DEADLINE_MS = 5_000;

const COMMANDS = ['find', 'insert', 'replace', 'remove', 'all', 'index'] as const;
export type Command = (typeof COMMANDS)[number];

/** Runs each command with its deadline and metrics; a store that is away is TocsinError UNAVAILABLE, anything else is thrown as it is. */
export class CommandRunner {
  private readonly seconds: Histogram;
  private readonly failures: Counter;

  /** `letInAgain` is asked about commands that never left because no new connection was let in: true to try again. */
  constructor(
    metrics: Metrics,
    private readonly letInAgain: (refused: boolean, since: number) => Promise<boolean> = () => Promise.resolve(false),
  ) {
    this.seconds = metrics.histogram({
      name: 'store_command_seconds',
      help: 'Time of one document store command.',
      labels: { command: [...COMMANDS] },
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
    });
    this.failures = metrics.counter({
      name: 'store_command_failures_total',
      help: 'Document store commands that failed or passed their deadline.',
      labels: { command: [...COMMANDS] },
    });
  }

  async run<T>(command: Command, body: () => Promise<T>, deadlineMs = COMMAND_DEADLINE_MS): Promise<T> {
    const started = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(unavailable(`did not answer within ${deadlineMs} ms`)), deadlineMs);
    });
    try {
      return await Promise.race([this.#persistently(body, started, deadlineMs), late]);
    } catch (error) {
      if (isDuplicateKey(error)) throw error;
      this.failures.add({ command });
      throw storeError(error);
    } finally {
      clearTimeout(timer);
      this.seconds.observe((performance.now() - started) / 1000, { command });
    }
  }

  async #persistently<T>(body: () => Promise<T>, started: number, deadlineMs: number): Promise<T> {
    for (;;) {
      try {
        return await body();
      } catch (error) {
        const { name, code } = error as { name?: string; code?: unknown };
        const refused = code === AUTHENTICATION_FAILED;
        // Safe to repeat: without a connection nothing was sent.
        if (!refused && !NEVER_LEFT.test(name ?? '')) throw error;
        if (!(await this.letInAgain(refused, started)) || performance.now() - started > deadlineMs) throw error;
      }
    }
  }
}

/** E11000: a unique index refused the write. */
export function isDuplicateKey(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 11000;
}

/** Names the driver gives to "the server is not there": the same command may succeed later. */
const AWAY =
  /^(Mongo(Network|NetworkTimeout|ServerSelection|NotConnected|PoolCleared|PoolClosed|WaitQueueTimeout|WriteConcern|TopologyClosed|ClientClosed|ServerClosed|OperationTimeout|StalePrimary)Error|PoolClearedOnNetworkError|MongooseServerSelectionError)$/;
/** Server codes of a replica set that is choosing its primary or shutting down (MongoDB's own list of retryable errors). */
const AWAY_CODES = new Set([6, 7, 89, 91, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436, 50]);

const AUTHENTICATION_FAILED = 18;
/** Names of failures before a command got a connection. */
const NEVER_LEFT = /^Mongo(PoolCleared|ServerSelection|oseServerSelection)Error$/;

function storeError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof TocsinError) return error;
  const code = 'code' in error && typeof error.code === 'number' ? error.code : 0;
  // While a password is being replaced a new connection may come a moment too early or too late.
  if (code === AUTHENTICATION_FAILED) return unavailable('does not let this user in', error);
  return AWAY.test(error.name) || AWAY_CODES.has(code) ? unavailable('cannot be reached', error) : error;
}

function unavailable(what: string, cause?: unknown): TocsinError {
  return new TocsinError('UNAVAILABLE', 'STORE_UNAVAILABLE', `The document store ${what}.`, { cause });
}
