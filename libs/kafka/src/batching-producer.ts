import { TocsinError } from '@tocsin/errors';
import { encodeMessage, type OutgoingRecord } from '@tocsin/contracts';
import { Envelope, Lane } from '@tocsin/contracts/common/v1/common';
import type { Logger, Metrics, Tracing } from '@tocsin/observability';
import type { ClusterLink } from './cluster-link.js';
import type { BatchProducer, TopicPartitionOffset } from './connection.js';
import { backoff, delay, withDeadline } from './deadline.js';
import { isFatal, kafkaErrorType, unavailable } from './kafka-error.js';
import { partitionOf } from './murmur2.js';
import { ProduceSession } from './produce-session.js';
import { partitionKey } from './raw-batch.js';
import { MAX_BATCH_BYTES, RecordQueue, recordBytes, type QueuedRecord } from './record-queue.js';

/**
 * ms from one request's start to the next, so that a busy producer's records travel together; an idle one sends at once. Twice the time of
 * the last request between these bounds: a broker that is slow gets fewer and larger ones.
 */
const MIN_SPACING = 5;
const MAX_SPACING = 20;
/** ms a record is tried before its sender is told. */
const SEND_DEADLINE = 60_000;
/** ms after which a topic that does not exist is the sender's error. */
const TOPIC_DEADLINE = 10_000;
/** Bytes waiting; a sender that does not await its records is refused beyond. */
const MAX_QUEUED_BYTES = 32 * 1024 * 1024;
/** ms between tries while the brokers do not take a batch. */
const MOST_BACKOFF = 1_000;

/** Bytes ready to be written; topic with prefix. */
export interface RawOutgoing {
  readonly topic: string;
  readonly partition?: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly urgent?: boolean;
  /** Unix ms as text; not set = when it is written. */
  readonly timestamp?: string;
}

export interface ProducerOptions {
  readonly link: ClusterLink;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly prefix: string;
  readonly onFatal: (error: unknown) => void;
}

/** One request in flight, everything that waits meanwhile in the next: in order by partition, acknowledged by all in-sync replicas. */
export class BatchingProducer implements BatchProducer {
  readonly #options: ProducerOptions;
  readonly #session: ProduceSession;
  readonly #queue = new RecordQueue();
  readonly #partitionCounts = new Map<string, number>();
  readonly #counters: { records(topic: string, count: number): void; request(seconds: number, outcome: 'ok' | 'failed'): void };
  #loop: Promise<void> | undefined;
  #lastRequest = 0;
  #spacing = MIN_SPACING;
  #urgent = false;
  #closed = false;
  #healthy = true;

  constructor(options: ProducerOptions) {
    this.#options = options;
    this.#session = new ProduceSession(options.link);
    this.#counters = counters(options.metrics);
  }

  async send(records: readonly OutgoingRecord[]): Promise<void> {
    await this.sendForOffsets(records);
  }

  async sendForOffsets(records: readonly OutgoingRecord[]): Promise<readonly TopicPartitionOffset[]> {
    const { prefix, tracing } = this.#options;
    const active = tracing.current();
    const raw = records.map((record): RawOutgoing => {
      const { envelope, partition } = record;
      const traced = envelope !== null && envelope.traceparent === '' && active !== '' ? { ...envelope, traceparent: active } : envelope;
      return {
        topic: prefix + record.topic,
        key: Buffer.from(record.key),
        value: traced === null ? null : encodeMessage(Envelope, traced),
        urgent: traced?.lane === Lane.LIFE_SAFETY || traced?.lane === Lane.URGENT,
        ...(partition === undefined ? {} : { partition }),
      };
    });
    const offsets = await this.sendRaw(raw);
    return records.map((record, index) => ({ ...(offsets[index] ?? { partition: -1, offset: -1 }), topic: record.topic }));
  }

  /** As sendForOffsets, from bytes. */
  async sendRaw(records: readonly RawOutgoing[]): Promise<readonly TopicPartitionOffset[]> {
    if (records.length === 0) return [];
    if (this.#closed) throw new TocsinError('UNAVAILABLE', 'PRODUCER_CLOSED', 'This process is ending and takes no more records.');
    const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0);
    if (this.#queue.bytes + bytes > MAX_QUEUED_BYTES) {
      throw new TocsinError('RESOURCE_EXHAUSTED', 'PRODUCER_FULL', 'Too many records wait to be written to Kafka.', { retryAfterMs: 500 });
    }
    for (const record of records) {
      if (recordBytes(record) <= MAX_BATCH_BYTES) continue;
      throw new TocsinError(
        'INVALID_ARGUMENT',
        'RECORD_TOO_LARGE',
        `A record of ${recordBytes(record)} bytes is larger than ${MAX_BATCH_BYTES}.`,
      );
    }
    const unknown = [...new Set(records.map((record) => record.topic))].filter((topic) => !this.#partitionCounts.has(topic));
    // Known topics are placed at once, but never before a call made earlier: two calls one after the other keep their order.
    if (unknown.length > 0 || this.#placing > 0) await this.#learn(unknown);
    return new Promise((resolve, reject) => {
      const offsets: TopicPartitionOffset[] = Array.from({ length: records.length });
      let open = records.length;
      const places = records.map((record) => this.#place(record));
      const ticket = {
        deadline: performance.now() + SEND_DEADLINE,
        done: (index: number, offset: number) => {
          offsets[index] = { topic: records[index]?.topic ?? '', partition: places[index] ?? -1, offset };
          if (--open === 0) resolve(offsets);
        },
        fail: reject,
      };
      for (const [index, { topic, key, value, urgent, timestamp }] of records.entries()) {
        this.#urgent ||= urgent === true;
        this.#queue.add({
          topic,
          partition: places[index] ?? 0,
          message: { key, value, ...(timestamp === undefined ? {} : { timestamp }) },
          ticket,
          index,
        });
      }
      this.#wakeUp();
      this.#loop ??= this.#run();
    });
  }

  /** True when the last request succeeded or nothing waits. */
  healthy(): boolean {
    return this.#healthy || this.#queue.empty;
  }

  async close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    if (this.#loop) await withDeadline(deadlineMs, 'producer close', this.#loop).catch(() => undefined);
    for (const record of this.#queue.remove(() => true)) record.ticket.fail(unavailable('the process ends', undefined));
    await this.#options.link.close();
  }

  #wakeUp: () => void = () => undefined;
  #placing = 0;
  #learned: Promise<unknown> = Promise.resolve();

  /** Learns how many partitions topics have, one call after the other. */
  async #learn(topics: readonly string[]): Promise<void> {
    this.#placing++;
    const turn = this.#learned.then(async () => {
      for (const topic of topics)
        if (!this.#partitionCounts.has(topic)) this.#partitionCounts.set(topic, await this.#countPartitions(topic));
    });
    this.#learned = turn.catch(() => undefined);
    try {
      await turn;
    } finally {
      this.#placing--;
    }
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#queue.empty;) {
      await this.#linger();
      const start = performance.now();
      this.#lastRequest = start;
      this.#urgent = false;
      const batches = this.#queue.take();
      const { offsets, error } = await this.#session.produce(batches);
      const took = performance.now() - start;
      this.#spacing = Math.min(MAX_SPACING, Math.max(MIN_SPACING, 2 * took));
      this.#counters.request(took / 1_000, error === undefined ? 'ok' : 'failed');
      this.#healthy = error === undefined;
      for (const batch of batches) {
        const first = offsets.get(partitionKey(batch.topic, batch.partition));
        if (first === undefined) continue;
        this.#queue.acknowledge(batch);
        this.#counters.records(batch.topic.slice(this.#options.prefix.length), batch.records.length);
        for (const [index, record] of batch.records.entries()) record.ticket.done(record.index, first + index);
      }
      if (error === undefined) failures = 0;
      else await this.#afterFailure(error, failures++);
    }
    this.#loop = undefined;
  }

  /** Waits until the spacing has passed; not for urgent records, nor when nothing was sent lately. */
  async #linger(): Promise<void> {
    // One turn of the event loop: calls made together leave together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    const rest = this.#lastRequest + this.#spacing - performance.now();
    if (rest <= 0 || this.#urgent) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, rest);
      this.#wakeUp = () => {
        if (this.#urgent) resolve();
      };
    });
    clearTimeout(timer);
    this.#wakeUp = () => undefined;
  }

  async #afterFailure(error: unknown, failures: number): Promise<void> {
    const { logger, onFatal } = this.#options;
    logger.warn('kafka.produce.failed', { error: error instanceof Error ? error.message : String(error), failures });
    if (isFatal(error)) onFatal(error);
    const now = performance.now();
    const gone = this.#queue.remove((record) => record.ticket.deadline <= now);
    if (gone.length > 0) {
      // Whole calls are given up: their other records are not worth more than these.
      const tickets = new Set(gone.map((record) => record.ticket));
      this.#queue.remove((record: QueuedRecord) => tickets.has(record.ticket));
      for (const ticket of tickets) ticket.fail(unavailable('records were not acknowledged within 60 s', error));
      this.#session.newIdentity();
    }
    await delay(backoff(failures, 50, MOST_BACKOFF));
  }

  #place(record: RawOutgoing): number {
    const count = this.#partitionCounts.get(record.topic) ?? 1;
    if (record.partition === undefined) return partitionOf(record.key ?? Buffer.alloc(0), count);
    if (record.partition >= 0 && record.partition < count) return record.partition;
    throw new TocsinError('INVALID_ARGUMENT', 'NO_SUCH_PARTITION', `${record.topic} has no partition ${record.partition}.`);
  }

  async #countPartitions(topic: string): Promise<number> {
    const start = performance.now();
    for (let failures = 0; ;) {
      try {
        const count = await this.#session.partitions(topic);
        if (count > 0) return count;
      } catch (error) {
        const unknown = kafkaErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION';
        if (performance.now() - start > (unknown ? TOPIC_DEADLINE : SEND_DEADLINE))
          throw unavailable(`topic ${topic} was not found`, error);
      }
      await delay(backoff(failures++, 50, MOST_BACKOFF));
    }
  }
}

function counters(metrics: Metrics) {
  const records = metrics.counter({ name: 'kafka_records_written_total', help: 'Records acknowledged, by topic.', labels: { topic: [] } });
  const requests = metrics.histogram({
    name: 'kafka_produce_seconds',
    help: 'Time of a produce request.',
    labels: { outcome: ['ok', 'failed'] },
  });
  return {
    records: (topic: string, count: number) => records.add({ topic }, count),
    request: (seconds: number, outcome: 'ok' | 'failed') => requests.observe(seconds, { outcome }),
  };
}
