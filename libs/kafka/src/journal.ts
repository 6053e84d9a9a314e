import { internalsOf } from './connection-internals.js';
import type { KafkaConnection, TopicPartition, TopicPartitionOffset } from './connection.js';

/** ms one partition may take to be read. */
const READ_MS = 10 * 60_000;
/** Records, and bytes, written in one call: a few requests' worth. */
const WRITE_RECORDS = 2_000;
const WRITE_BYTES = 4 * 1024 * 1024;

/** A record as it lies in a topic. */
export interface JournalRecord {
  readonly offset: number;
  /** Unix ms. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** Topics as they lie, and what groups have committed of them: for backups. Names without prefix. */
export interface Journal {
  /** Topics there are. */
  topics(): Promise<readonly string[]>;
  /** Next offset of each partition at a time in Unix ms; its end where no record is as young. */
  offsetsAt(topic: string, time: number): Promise<readonly TopicPartitionOffset[]>;
  /** Partitions of which the group has committed nothing are left out. */
  committed(group: string, places: readonly TopicPartition[]): Promise<readonly TopicPartitionOffset[]>;
  /** Only for a group without members. */
  commit(group: string, offsets: readonly TopicPartitionOffset[]): Promise<void>;
  /** Records from an offset up to, not including, another. */
  read(place: TopicPartition, from: number, until: number, onRecords: (records: readonly JournalRecord[]) => Promise<void>): Promise<void>;
  /** Writes records in order, with their times; answers the offset of the first one. */
  write(place: TopicPartition, records: readonly Omit<JournalRecord, 'offset'>[]): Promise<number>;
}

export function journalOf(connection: KafkaConnection): Journal {
  const { topics, offsetsAt, committedOf, commitFor, readRaw, sendRaw } = internalsOf(connection);
  return {
    topics,
    offsetsAt,
    committed: committedOf,
    commit: commitFor,
    read: (place, from, until, onRecords) => readRaw(place, from, until, (batch) => onRecords(batch.records), READ_MS),
    async write({ topic, partition }, records) {
      let first = -1;
      for (const page of pages(records)) {
        const raw = page.map(({ key, value, timestamp }) => ({ topic, partition, key, value, timestamp: String(timestamp) }));
        const places = await sendRaw(raw);
        if (first < 0) first = places[0]?.offset ?? -1;
      }
      return first;
    },
  };
}

function* pages(records: readonly Omit<JournalRecord, 'offset'>[]): Generator<Omit<JournalRecord, 'offset'>[]> {
  let page: Omit<JournalRecord, 'offset'>[] = [];
  let bytes = 0;
  for (const record of records) {
    page.push(record);
    bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
    if (page.length < WRITE_RECORDS && bytes < WRITE_BYTES) continue;
    yield page;
    page = [];
    bytes = 0;
  }
  if (page.length > 0) yield page;
}
