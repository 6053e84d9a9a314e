import { REQUEST_DEADLINE, type ClusterLink } from './cluster-link.js';
import type { Broker, Cluster, KafkaMessage } from './kafkajs-internals.js';
import { kafkaErrorType } from './kafka-error.js';
import { partitionKey } from './raw-batch.js';

/** ms the brokers may take to copy a batch to all in-sync replicas. */
const REPLICATION_TIMEOUT = 3_000;
/** ms of a transaction; there are none, the request wants a number. */
const TRANSACTION_TIMEOUT = 60_000;
/** acks=all. */
const ALL_REPLICAS = -1;

/** Messages of one partition in one request, topic with prefix. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly KafkaMessage[];
}

interface Identity {
  readonly producerId: string;
  readonly producerEpoch: number;
  /** Next sequence number by partition. */
  readonly sequences: Map<string, number>;
}

/** After these the broker and the producer disagree on what was written: only a new identity goes on, and a batch in doubt may be doubled. */
const NEEDS_IDENTITY: ReadonlySet<string> = new Set([
  'DUPLICATE_SEQUENCE_NUMBER',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
]);

/** Sequence numbers wrap here, as an int32. */
const SEQUENCE_LIMIT = 2 ** 31;

/** The idempotent side of a producer: identity, sequence numbers, one request a leader. */
export class ProduceSession {
  readonly #link: ClusterLink;
  #identity: Identity | undefined;
  /** Only the latest attempt may send and count: one that was given up may still be running. */
  #attempt = 0;

  constructor(link: ClusterLink) {
    this.#link = link;
  }

  /** Number of partitions of a topic. */
  async partitions(topic: string): Promise<number> {
    return this.#link.call('metadata', REQUEST_DEADLINE, async (cluster) => {
      await this.#link.watch(cluster, [topic]);
      return this.#link.partitions(cluster, topic).length;
    });
  }

  /**
   * Writes these batches, at most one a partition, and answers the first offset of each that was acknowledged, by partitionKey. A batch that
   * is not in the answer was not acknowledged; sending the very same batch again is recognised by the brokers while the identity lasts.
   */
  async produce(batches: readonly PartitionBatch[]): Promise<{ readonly offsets: ReadonlyMap<string, number>; readonly error: unknown }> {
    const offsets = new Map<string, number>();
    let failure: unknown;
    const attempt = ++this.#attempt;
    try {
      await this.#link.call('produce', REQUEST_DEADLINE, async (cluster) => {
        await this.#link.watch(cluster, new Set(batches.map((batch) => batch.topic)));
        const identity = await this.#identityOf(cluster);
        const requests = [...byLeader(cluster, batches)].map(async ([node, own]) =>
          this.#produceTo(await cluster.findBroker({ nodeId: node }), own, identity, attempt, offsets),
        );
        const outcomes = await Promise.allSettled(requests);
        const rejected = outcomes.find((outcome) => outcome.status === 'rejected');
        if (rejected) throw rejected.reason;
      });
    } catch (error) {
      failure = error;
      this.#attempt++;
      if (NEEDS_IDENTITY.has(kafkaErrorType(error))) this.newIdentity();
    }
    return { offsets, error: failure };
  }

  /** The next batches are no repetition of earlier ones: some of their records were given up. */
  newIdentity(): void {
    this.#identity = undefined;
  }

  async #identityOf(cluster: Cluster): Promise<Identity> {
    if (this.#identity) return this.#identity;
    const broker = await cluster.findBroker({ nodeId: cluster.getNodeIds()[0] ?? '' });
    const { producerId, producerEpoch } = await broker.initProducerId({ transactionTimeout: TRANSACTION_TIMEOUT });
    this.#identity = { producerId, producerEpoch, sequences: new Map() };
    return this.#identity;
  }

  async #produceTo(
    broker: Broker,
    batches: readonly PartitionBatch[],
    identity: Identity,
    attempt: number,
    offsets: Map<string, number>,
  ): Promise<void> {
    if (attempt !== this.#attempt) throw new Error('a later attempt is under way');
    const topics = new Map<string, { partition: number; firstSequence: number; messages: readonly KafkaMessage[] }[]>();
    for (const { topic, partition, messages } of batches) {
      const firstSequence = identity.sequences.get(partitionKey(topic, partition)) ?? 0;
      const partitions = topics.get(topic) ?? [];
      partitions.push({ partition, firstSequence, messages });
      topics.set(topic, partitions);
    }
    const answer = await broker.produce({
      producerId: identity.producerId,
      producerEpoch: identity.producerEpoch,
      acks: ALL_REPLICAS,
      timeout: REPLICATION_TIMEOUT,
      topicData: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
    });
    if (attempt !== this.#attempt) throw new Error('a later attempt is under way');
    for (const { topicName, partitions } of answer.topics) {
      for (const { partition, baseOffset } of partitions) offsets.set(partitionKey(topicName, partition), Number(baseOffset));
    }
    // Only what is acknowledged moves on: the same batch sent again carries the same numbers.
    for (const { topic, partition, messages } of batches) {
      const key = partitionKey(topic, partition);
      identity.sequences.set(key, ((identity.sequences.get(key) ?? 0) + messages.length) % SEQUENCE_LIMIT);
    }
  }
}

function byLeader(cluster: Cluster, batches: readonly PartitionBatch[]): Map<number, PartitionBatch[]> {
  const groups = new Map<number, PartitionBatch[]>();
  for (const batch of batches) {
    const metadata = cluster.findTopicPartitionMetadata(batch.topic).find((one) => one.partitionId === batch.partition);
    if (!metadata || metadata.leader < 0) throw new Error(`no leader for partition ${batch.partition} of ${batch.topic}`);
    const group = groups.get(metadata.leader) ?? [];
    group.push(batch);
    groups.set(metadata.leader, group);
  }
  return groups;
}
