import type { Metrics } from '@tocsin/observability';
import type { BatchMiddleware } from './batch-handler.js';

/** Whether the reader reads this partition now. */
export type Owns = (topic: string, partition: number) => boolean;

/** How far a reader is behind in one partition, as of its last batch. */
interface Behind {
  readonly records: number;
  /** Unix ms of the last record handed over. */
  readonly at: number;
}

/** Records, batches, their time, how far a reader is behind and how long its running batches have taken; all at zero from the start. */
export function countBatch(metrics: Metrics, reader: string, topics: readonly string[], owns: Owns = () => true): BatchMiddleware {
  const labels = { reader: [reader], topic: topics };
  const records = metrics.counter({ name: 'kafka_records_read_total', help: 'Records handed over.', labels });
  const batches = metrics.counter({ name: 'kafka_batches_read_total', help: 'Batches handed over.', labels });
  const seconds = metrics.histogram({ name: 'kafka_batch_seconds', help: 'Time a batch took to process.', labels: { reader: [reader] } });
  const lag = metrics.gauge({ name: 'kafka_lag_records', help: 'Records behind the end of the partitions read last, by topic.', labels });
  const behind = new Map<string, Map<number, Behind>>();
  const running = new Set<number>();
  metrics.gauge(
    { name: 'kafka_batch_running_seconds', help: 'How long the oldest batch in work has taken so far, 0 = none.', labels: { reader: [] } },
    () => [{ labels: { reader }, value: running.size === 0 ? 0 : (performance.now() - Math.min(...running)) / 1_000 }],
  );
  metrics.gauge(
    {
      name: 'kafka_lag_seconds',
      help: 'Age of the last record handed over, by topic, while others wait behind it.',
      labels: { reader: [], topic: [] },
    },
    () => [...new Set([...topics, ...behind.keys()])].map((topic) => ({ labels: { reader, topic }, value: age(topic, Date.now()) })),
  );

  /** Seconds since the last record of the partition that is furthest behind; 0 when none is behind, or others read them now. */
  function age(topic: string, now: number): number {
    let most = 0;
    for (const [partition, { records, at }] of behind.get(topic) ?? []) {
      if (records > 0 && owns(topic, partition)) most = Math.max(most, (now - at) / 1_000);
    }
    return most;
  }

  return (next) => async (batch) => {
    const start = performance.now();
    running.add(start);
    try {
      await next(batch);
    } finally {
      running.delete(start);
    }
    const own = { reader, topic: batch.topic };
    records.add(own, batch.records.length);
    batches.add(own);
    seconds.observe((performance.now() - start) / 1_000, { reader });
    const last = batch.records.at(-1);
    if (!last) return;
    const partitions = behind.get(batch.topic) ?? new Map<number, Behind>();
    partitions.set(batch.partition, { records: Math.max(0, batch.highWatermark - last.offset - 1), at: last.timestamp });
    behind.set(batch.topic, partitions);
    let left = 0;
    for (const partition of partitions.values()) left += partition.records;
    lag.set(left, own);
  };
}
