import type { KafkaMessage } from './kafkajs-internals.js';
import { partitionKey } from './raw-batch.js';
import type { PartitionBatch } from './produce-session.js';

/** Bytes of one partition's batch: the broker refuses more than 1 MiB. */
export const MAX_BATCH_BYTES = 900_000;
/** Bytes of one request. */
export const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
/** Bytes counted for what surrounds a record. */
const RECORD_OVERHEAD = 64;

/** One record waiting; its ticket is told the outcome. */
export interface QueuedRecord {
  /** With prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly message: KafkaMessage;
  readonly ticket: { done(index: number, offset: number): void; fail(error: unknown): void; readonly deadline: number };
  /** Place in the call it came with. */
  readonly index: number;
}

interface Chosen extends PartitionBatch {
  readonly records: readonly QueuedRecord[];
}

interface Waiting {
  readonly topic: string;
  readonly partition: number;
  records: QueuedRecord[];
  /** Records of the head that were taken and not yet acknowledged: the same batch is taken again, or the brokers would not know it. */
  taken: number;
}

/** Records in their order by partition; what was taken stays at the head until it is acknowledged, so order survives every repetition. */
export class RecordQueue {
  readonly #partitions = new Map<string, Waiting>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get empty(): boolean {
    return this.#partitions.size === 0;
  }

  add(record: QueuedRecord): void {
    const key = partitionKey(record.topic, record.partition);
    const partition = this.#partitions.get(key) ?? { topic: record.topic, partition: record.partition, records: [], taken: 0 };
    partition.records.push(record);
    this.#partitions.set(key, partition);
    this.#bytes += recordBytes(record.message);
  }

  /** The heads of all partitions, within the limits of a batch and a request. */
  take(): Chosen[] {
    const chosen: Chosen[] = [];
    let total = 0;
    for (const waiting of this.#partitions.values()) {
      const { topic, partition, records } = waiting;
      const { count, bytes } = head(waiting);
      if (total > 0 && total + bytes > MAX_REQUEST_BYTES) continue;
      total += bytes;
      waiting.taken = count;
      const taken = records.slice(0, count);
      chosen.push({ topic, partition, records: taken, messages: taken.map((record) => record.message) });
    }
    return chosen;
  }

  /** Removes an acknowledged head; the partition goes to the end, so that none is starved by a full request. */
  acknowledge(batch: Chosen): void {
    const key = partitionKey(batch.topic, batch.partition);
    const partition = this.#partitions.get(key);
    if (!partition) return;
    for (const { message } of batch.records) this.#bytes -= recordBytes(message);
    partition.records = partition.records.slice(batch.records.length);
    partition.taken = 0;
    this.#partitions.delete(key);
    if (partition.records.length > 0) this.#partitions.set(key, partition);
  }

  /** Removes and answers every record that `gone` names. */
  remove(gone: (record: QueuedRecord) => boolean): QueuedRecord[] {
    const removed: QueuedRecord[] = [];
    for (const [key, partition] of this.#partitions) {
      const out = partition.records.filter(gone);
      if (out.length === 0) continue;
      removed.push(...out);
      for (const { message } of out) this.#bytes -= recordBytes(message);
      partition.records = partition.records.filter((record) => !gone(record));
      partition.taken = 0;
      if (partition.records.length === 0) this.#partitions.delete(key);
    }
    return removed;
  }
}

function head({ records, taken }: Waiting): { count: number; bytes: number } {
  let bytes = 0;
  let count = 0;
  for (const { message } of records) {
    const size = recordBytes(message);
    if (taken > 0 ? count === taken : count > 0 && bytes + size > MAX_BATCH_BYTES) break;
    bytes += size;
    count++;
  }
  return { count, bytes };
}

export function recordBytes(message: KafkaMessage): number {
  return (message.key?.length ?? 0) + (message.value?.length ?? 0) + RECORD_OVERHEAD;
}
