import type { Metrics } from '@tocsin/observability';
import type { BatchMiddleware } from './batch-handler.js';

/** Records, batches, their time, and how far a reader is behind; all at zero from the start. */
export function countBatch(metrics: Metrics, reader: string, topics: readonly string[]): BatchMiddleware {
  const labels = { reader: [reader], topic: topics };
  const records = metrics.counter({ name: 'kafka_records_read_total', help: 'Records handed over.', labels });
  const batches = metrics.counter({ name: 'kafka_batches_read_total', help: 'Batches handed over.', labels });
  const seconds = metrics.histogram({ name: 'kafka_batch_seconds', help: 'Time a batch took to process.', labels: { reader: [reader] } });
  const lag = metrics.gauge({ name: 'kafka_lag_records', help: 'Records behind the end of the partitions read last, by topic.', labels });
  const behind = new Map<string, Map<number, number>>();
  return (next) => async (batch) => {
    const start = performance.now();
    await next(batch);
    const own = { reader, topic: batch.topic };
    records.add(own, batch.records.length);
    batches.add(own);
    seconds.observe((performance.now() - start) / 1_000, { reader });
    const last = batch.records.at(-1);
    if (!last) return;
    const partitions = behind.get(batch.topic) ?? new Map<number, number>();
    partitions.set(batch.partition, Math.max(0, batch.highWatermark - last.offset - 1));
    behind.set(batch.topic, partitions);
    lag.set(
      [...partitions.values()].reduce((sum, records) => sum + records, 0),
      own,
    );
  };
}
