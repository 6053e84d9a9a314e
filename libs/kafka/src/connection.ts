import type { OutgoingRecord, TopicSpec } from '@tocsin/contracts';
import type { Envelope } from '@tocsin/contracts/common/v1/common';
import type { Logger, Metrics, Tracing } from '@tocsin/observability';

export interface KafkaSettings {
  readonly brokers: readonly string[];
  /** Shown to the broker; the instance id. */
  readonly clientId: string;
  /** Put before every topic and group name; '' in production. */
  readonly prefix: string;
  /** Copies of each partition of a topic that is created, whether or not as many brokers answer at that moment; as many as answer, three at most, unless said. */
  readonly copies?: number | undefined;
  /** Where this process runs, as the brokers' broker.rack names it: records are read from the copy there. */
  readonly rack?: string | undefined;
  /** Undefined only on loopback. */
  readonly security?: KafkaSecurity | undefined;
}

/** TLS to the brokers, and who this client is: a user with a password, a certificate of its own, or both. All files are read anew for each connection. */
export interface KafkaSecurity {
  /** PEM file of the authorities that sign the brokers' certificates. */
  readonly ca: string;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly mechanism: KafkaMechanism;
}

export type KafkaMechanism = 'scram-sha-512' | 'scram-sha-256' | 'plain';

export interface KafkaDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  /** Called when only a restart or a person can mend what happened: nobody else notices a consumer that is gone for good. A ServiceContext has it. */
  fail(reason: string, error: unknown): void;
}

/** A record as read; topic without prefix. */
export interface IncomingRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  /** Broker time, Unix ms. */
  readonly timestamp: number;
  /** null = tombstone. */
  readonly envelope: Envelope | null;
}

export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly IncomingRecord[];
  /** Offset after the last record of the partition as known with this fetch. */
  readonly highWatermark: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface TopicPartitionOffset extends TopicPartition {
  /** The next offset to read. */
  readonly offset: number;
}

export interface BatchProducer {
  /**
   * Resolves when every record is acknowledged by all in-sync replicas (acks=all, idempotent). Calls are merged into one request
   * a few milliseconds long; rejects with TocsinError UNAVAILABLE after 60 s of trying. Order per partition is kept.
   */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  /** As send, and answers the offset each record got, in order. */
  sendForOffsets(records: readonly OutgoingRecord[]): Promise<readonly TopicPartitionOffset[]>;
  close(deadlineMs: number): Promise<void>;
}

export interface GroupConsumerOptions {
  /** Without prefix, e.g. "routing". */
  readonly group: string;
  readonly topics: readonly string[];
  /** 'copartition': partition k of every topic goes to the same instance. */
  readonly assigner: 'copartition' | 'round-robin';
  /** Where a group without offsets starts. */
  readonly from: 'beginning' | 'end';
  /**
   * 'after-batch': the batch's offset is committed within half a second after onBatch resolved, and before a re-join or stop; records that throw go to the dead letters by the middleware.
   * 'manual': the handler takes the records and commits later through `commit`.
   */
  readonly commit: 'after-batch' | 'manual';
  /** ms of rest after each fetch that brought records (default 5): more of them travel together, at that much latency under load. */
  readonly restMs?: number;
  /** Reads from the leaders even where a copy is nearer: the high watermark is then the newest there is, and nothing takes a hop more. */
  readonly leadersOnly?: boolean;
  /**
   * False while its owner cannot do the work of its partitions, because its store cannot be reached: after 8 s it drains and leaves the group until it can, so that
   * an instance at another site that can has them. Always true unless said.
   */
  able?(): boolean;
  onBatch(batch: RecordBatch): Promise<void>;
  /** After each join, before records of it are handed over; only topics without prefix. */
  onAssigned?(assigned: readonly TopicPartition[]): Promise<void>;
  /**
   * Before each re-join and before leaving, awaited at most 5 s: stop, await answers, record, commit. Everything taken and not committed will
   * be read again by whoever gets the partition.
   */
  beforeRejoin?(): Promise<void>;
}

export interface GroupConsumer {
  start(): Promise<void>;
  /** Resolves when committed, or when the group has moved on and others will read again from what was committed last. */
  commit(offsets: readonly TopicPartitionOffset[]): Promise<void>;
  /** Read again (or from elsewhere) from these offsets. */
  seek(offsets: readonly TopicPartitionOffset[]): void;
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  assigned(): readonly TopicPartition[];
  /** Committed offsets of these topics' partitions (next to read; -1 = none). */
  committed(topics: readonly string[]): Promise<readonly TopicPartitionOffset[]>;
  /** True while the last acknowledged heartbeat, timed from its sending on the monotonic clock, is younger than 0.8 x session time-out. */
  leaseValid(): boolean;
  /** Drains, then subscribes anew; resolves when asked for, the new partitions come through onAssigned. */
  setTopics(topics: readonly string[]): Promise<void>;
  /** Drains and leaves the group. */
  stop(): Promise<void>;
}

export interface TailOptions {
  /** Name in logs and metrics. */
  readonly name: string;
  /** As of a group consumer; asked anew after each round where it is a function. */
  readonly restMs?: number | (() => number);
  readonly topics: readonly {
    readonly topic: string;
    /** A time is Unix ms: from the first record at or after it. Offsets: by partition; partitions not named start at the beginning. */
    readonly from: 'beginning' | 'end' | { readonly timestamp: number } | { readonly offsets: ReadonlyMap<number, number> };
  }[];
  /** Every record in partition order, never committed. A record that cannot be processed is counted, logged and passed over. */
  onBatch(batch: RecordBatch): Promise<void>;
}

/** Reads topics whole, outside any group: every instance reads everything and nothing is committed. */
export interface TailReader {
  start(): Promise<void>;
  /** Resolves when everything that stood in the topics at the moment of the call has been handed over. */
  caughtUp(deadlineMs: number): Promise<void>;
  /** Next offset to be handed over, per partition. */
  positions(topic: string): ReadonlyMap<number, number>;
  stop(): Promise<void>;
}

/** Who holds what, as the node that was asked knows it. */
export interface ClusterCopies {
  /** Nodes that are up. */
  readonly nodes: number;
  /** Their racks by node id, '' where a node has none. */
  readonly racks: ReadonlyMap<number, string>;
  readonly partitions: readonly PartitionCopies[];
}

export interface PartitionCopies extends TopicPartition {
  /** Node id; -1 = none: nobody can write or read. */
  readonly leader: number;
  readonly copies: number;
  readonly inSync: number;
  /** Node ids, those that are down included. */
  readonly copiesOn: readonly number[];
  readonly inSyncOn: readonly number[];
}

export interface KafkaConnection {
  producer(): BatchProducer;
  group(options: GroupConsumerOptions): GroupConsumer;
  tail(options: TailOptions): TailReader;
  /** Creates what is missing (and its .dead topic) and waits until it can be used. */
  ensureTopics(specs: readonly TopicSpec[]): Promise<void>;
  /** Reads one partition from an offset up to (not including) another, outside any group. Deadline in ms. */
  replay(
    place: TopicPartition,
    from: number,
    until: number,
    onBatch: (batch: RecordBatch) => Promise<void>,
    deadlineMs: number,
  ): Promise<void>;
  /** Low and high (next) offset of each partition. */
  offsets(topic: string): Promise<readonly { readonly partition: number; readonly low: number; readonly high: number }[]>;
  /** Every partition with this prefix and the nodes that hold it; asks one node once, within a request's deadline. */
  copies(): Promise<ClusterCopies>;
  /** True when every started consumer is in its group and the producer's last request succeeded. */
  healthy(): boolean;
  /** Whether a handler is at work, and a number that stays while the batch longest in hand is not done: wiring for Health.aliveWhile. */
  pending(): boolean;
  progress(): number;
  /** Stops every consumer and reader made from it, then flushes the producer. */
  close(deadlineMs: number): Promise<void>;
}
