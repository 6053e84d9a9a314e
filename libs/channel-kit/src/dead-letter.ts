import { deadTopic, record } from '@tocsin/contracts';
import type { BatchProducer, IncomingRecord } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';

export interface DeadLetterParts {
  readonly channel: string;
  readonly producer: BatchProducer;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Puts a record nobody can read aside, by place and reason and never with its content; resolves when Kafka has the letter. */
export async function writeDeadLetter(parts: DeadLetterParts, bad: IncomingRecord, reason: string, detail: string): Promise<void> {
  const { topic, partition, offset, key } = bad;
  const value = {
    topic,
    partition,
    offset,
    reason,
    detail,
    key,
    type: bad.envelope?.type ?? '',
    eventId: bad.envelope?.eventId ?? '',
    tenantId: bad.envelope?.tenantId ?? '',
    consumerGroup: `channel-${parts.channel}`,
    failedAt: parts.clock.now(),
  };
  const letter = record(deadTopic(topic), key, 'tocsin.common.v1.DeadLetter', value, {
    tenantId: value.tenantId,
    occurredAt: value.failedAt,
  });
  try {
    await parts.producer.send([letter]);
  } catch (error) {
    parts.logger.error('dead-letter.not-written', { reason, error });
    throw error;
  }
}
