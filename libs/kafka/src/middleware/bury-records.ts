import { deadTopic, record } from '@tocsin/contracts';
import { DeadLetter } from '@tocsin/contracts/common/v1/dead_letter';
import type { Logger, Metrics } from '@tocsin/observability';
import type { BatchProducer } from '../connection.js';
import { DEAD_REASONS, type BuryRecords } from './batch-handler.js';

/** Dead letters of one reader: ids and a reason on "<topic>.dead", never the record itself. */
export function buryRecords(
  producer: () => BatchProducer,
  metrics: Metrics,
  logger: Logger,
  reader: string,
  topics: readonly string[],
): BuryRecords {
  const counter = metrics.counter({
    name: 'kafka_dead_letters_total',
    help: 'Records that could not be processed, by reason.',
    labels: { reader: [reader], topic: topics, reason: DEAD_REASONS },
  });
  return async (records) => {
    if (records.length === 0) return;
    const failedAt = Date.now();
    await producer().send(
      records.map((dead) => {
        const letter = DeadLetter.fromPartial({ ...dead, consumerGroup: reader, failedAt });
        return record(deadTopic(dead.topic), dead.key, 'tocsin.common.v1.DeadLetter', letter, {
          tenantId: dead.tenantId,
          occurredAt: failedAt,
        });
      }),
    );
    for (const { topic, partition, offset, reason, type } of records) {
      counter.add({ reader, topic, reason });
      logger.error('kafka.record.dead', { reader, topic, partition, offset, reason, type });
    }
  };
}
