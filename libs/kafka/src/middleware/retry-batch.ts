import { RETRY_RULE, TocsinError } from '@tocsin/errors';
import type { Logger } from '@tocsin/observability';
import type { IncomingRecord } from '../connection.js';
import { delay } from '../deadline.js';
import type { BatchMiddleware, BuryRecords, DeadRecord } from './batch-handler.js';

/** ms before the second and third try of a batch; a poison record holds its neighbours up for less than 2 s in all. */
const TRY_AGAIN = [100, 500] as const;
/** ms between tries while something the handler needs is away: that is no fault of the records, so none of them is given up. */
const AWAY = [200, 500, 1_000, 2_000, 5_000] as const;

/**
 * A handler that throws is called again; after three tries each record goes alone, and those that still fail go to the dead letters.
 * Errors that pass by themselves (UNAVAILABLE, a lost guard) are waited out for as long as they last, or until `stopped`.
 */
export function retryBatch(logger: Logger, reader: string, bury: BuryRecords, stopped: () => boolean): BatchMiddleware {
  return (next) => {
    const attempt = async (records: readonly IncomingRecord[], run: () => Promise<void>, tries: number): Promise<unknown> => {
      for (let failed = 0, away = 0; ;) {
        try {
          await run();
          return undefined;
        } catch (error) {
          const passing = passes(error);
          const first = records[0];
          logger.warn('kafka.handler.failed', {
            reader,
            topic: first?.topic,
            partition: first?.partition,
            offset: first?.offset,
            passing,
            error,
          });
          if (passing && stopped()) throw error;
          if (!passing && ++failed >= tries) return error;
          await delay(passing ? (AWAY[Math.min(away++, AWAY.length - 1)] ?? 5_000) : (TRY_AGAIN[failed - 1] ?? 500));
        }
      }
    };
    return async (batch) => {
      const failure = await attempt(batch.records, () => next(batch), TRY_AGAIN.length + 1);
      if (failure === undefined) return;
      for (const record of batch.records) {
        const error = batch.records.length === 1 ? failure : await attempt([record], () => next({ ...batch, records: [record] }), 1);
        if (error !== undefined) await bury([dead(record, error)]);
      }
    };
  };
}

function passes(error: unknown): boolean {
  return error instanceof TocsinError && RETRY_RULE[error.code].retryable;
}

/** The detail names the failure, not its message: that may quote the record. */
function dead(record: IncomingRecord, error: unknown): DeadRecord {
  const { topic, partition, offset, key, envelope } = record;
  const name = error instanceof TocsinError ? error.reason : error instanceof Error ? error.name : 'Error';
  return {
    topic,
    partition,
    offset,
    key,
    reason: 'HANDLER_FAILED',
    detail: `The handler failed with ${name}.`,
    type: envelope?.type ?? '',
    eventId: envelope?.eventId ?? '',
    tenantId: envelope?.tenantId ?? '',
  };
}
