import { TocsinError } from '@tocsin/errors';
import type { RawOutgoing } from './batching-producer.js';
import type { KafkaConnection, TopicPartition, TopicPartitionOffset } from './connection.js';
import type { Broker } from './kafkajs-internals.js';
import type { CopiesPlaced } from './place-copies.js';
import type { RawBatch } from './raw-batch.js';

/** What the dead letter commands need beside the interface: bytes as they lie in the topics, names without prefix. */
export interface ConnectionInternals {
  readonly readRaw: (
    place: TopicPartition,
    from: number,
    until: number,
    onBatch: (batch: RawBatch) => Promise<void>,
    deadlineMs: number,
  ) => Promise<void>;
  /** Asks a node that may be told to change passwords and rights. */
  readonly administer: <T>(what: string, ask: (broker: Broker) => Promise<T>) => Promise<T>;
  /** Next offset of each partition at a time in Unix ms; its end where no record is as young. */
  readonly offsetsAt: (topic: string, time: number) => Promise<readonly TopicPartitionOffset[]>;
  /** What a group has committed; partitions without are left out. */
  readonly committedOf: (group: string, places: readonly TopicPartition[]) => Promise<readonly TopicPartitionOffset[]>;
  /** Commits for a group that has no members. */
  readonly commitFor: (group: string, offsets: readonly TopicPartitionOffset[]) => Promise<void>;
  /** Topics there are, without prefix. */
  readonly topics: () => Promise<readonly string[]>;
  readonly placeCopies: (nodes: readonly number[]) => Promise<CopiesPlaced>;
  readonly sendRaw: (records: readonly RawOutgoing[]) => Promise<readonly TopicPartitionOffset[]>;
}

const known = new WeakMap<KafkaConnection, ConnectionInternals>();

export function registerInternals(connection: KafkaConnection, internals: ConnectionInternals): void {
  known.set(connection, internals);
}

export function internalsOf(connection: KafkaConnection): ConnectionInternals {
  const internals = known.get(connection);
  if (!internals) throw new TocsinError('INTERNAL', 'FOREIGN_CONNECTION', 'This connection was not made by connectKafka.');
  return internals;
}
