import { deadTopic, KEYED_BY_ADDRESS, record, type OutgoingRecord } from '@tocsin/contracts';
import { DeadLetter } from '@tocsin/contracts/common/v1/dead_letter';
import type { Logger, Metrics } from '@tocsin/observability';
import type { BatchProducer } from '../connection.js';
import { DEAD_REASONS, type BuryRecords, type DeadRecord } from './batch-handler.js';

interface BuryParts {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly reader: string;
  readonly topics: readonly string[];
  readonly dead: 'bury' | 'skip';
  producer(): BatchProducer;
}

/** Dead letters of one reader: ids and a reason on "<topic>.dead", never the record itself; or only a count and a log line where it skips. */
export function buryRecords(parts: BuryParts): BuryRecords {
  const { logger, reader } = parts;
  const counter = parts.metrics.counter({
    name: 'kafka_dead_letters_total',
    help: 'Records that could not be processed, by reason.',
    labels: { reader: [reader], topic: parts.topics, reason: DEAD_REASONS },
  });
  return async (records) => {
    if (records.length === 0) return;
    if (parts.dead === 'bury') await parts.producer().send(records.map((dead) => letter(dead, reader)));
    for (const { topic, partition, offset, reason, type } of records) {
      counter.add({ reader, topic, reason });
      logger.error('kafka.record.dead', { reader, topic, partition, offset, reason, type });
    }
  };
}

function letter(dead: DeadRecord, reader: string): OutgoingRecord {
  const failedAt = Date.now();
  // A letter names its record by place; a key that tells whom it is about stays behind.
  const key = KEYED_BY_ADDRESS.includes(dead.topic) ? '' : dead.key;
  const value = DeadLetter.fromPartial({ ...dead, key, consumerGroup: reader, failedAt });
  return record(deadTopic(dead.topic), key, 'tocsin.common.v1.DeadLetter', value, { tenantId: dead.tenantId, occurredAt: failedAt });
}
