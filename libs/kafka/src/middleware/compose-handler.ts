import type { Logger, Metrics, Tracing } from '@tocsin/observability';
import type { BatchProducer } from '../connection.js';
import type { RawBatch } from '../raw-batch.js';
import type { BatchHandler } from './batch-handler.js';
import { buryRecords } from './bury-records.js';
import { countBatch, type Owns } from './count-batch.js';
import { decodeRecords } from './decode-records.js';
import { retryBatch } from './retry-batch.js';
import { traceBatch } from './trace-batch.js';

export interface HandlerParts {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  /** Group or reader, in metrics and dead letters. */
  readonly reader: string;
  /** Topics without prefix. */
  readonly topics: readonly string[];
  /** Whether a partition (topic without prefix) is read now; a reader without it reads all of its topics. */
  readonly owns?: Owns;
  /** Topic without prefix of one with it. */
  plain(topic: string): string;
  producer(): BatchProducer;
  stopped(): boolean;
  /** 'skip' where every instance reads everything, again at each start: its dead letters would repeat without end. */
  readonly dead: 'bury' | 'skip';
}

/** Around a service's handler, from the outside: decode, dead letters, count, span, retry. */
export function composeHandler(parts: HandlerParts, handler: BatchHandler): (raw: RawBatch) => Promise<void> {
  const bury = buryRecords(parts);
  const count = countBatch(parts.metrics, parts.reader, parts.topics, parts.owns);
  const trace = traceBatch(parts.tracing, parts.reader);
  const retry = retryBatch(parts.logger, parts.reader, bury, () => parts.stopped());
  const handle = count(trace(retry(handler)));
  return async (raw) => {
    const { batch, dead } = decodeRecords(raw, parts.plain(raw.topic));
    if (dead.length > 0) await bury(dead);
    if (batch.records.length > 0) await handle(batch);
  };
}
