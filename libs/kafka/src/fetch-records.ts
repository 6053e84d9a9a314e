import { REQUEST_DEADLINE, type ClusterLink } from './cluster-link.js';
import type { Cluster, FetchedMessage } from './kafkajs-internals.js';
import type { RawBatch, RawRecord } from './raw-batch.js';

/** Bytes of one partition in one fetch; a larger record is still returned. */
const MAX_PARTITION_BYTES = 512 * 1024;
/** Bytes of one fetch: what a reader holds in memory beside what its handlers keep. */
const MAX_FETCH_BYTES = 2 * 1024 * 1024;
/** Read uncommitted: there are no transactions (they are not used, see the design), so nothing has to be filtered. */
const ISOLATION = 0;

export interface FetchPlace {
  readonly topic: string;
  readonly partition: number;
  /** Offset to read from. */
  readonly position: number;
}

/** The node that leads a partition; undefined while it has none. */
export function leaderOf(cluster: Cluster, place: Pick<FetchPlace, 'topic' | 'partition'>): number | undefined {
  const metadata = cluster.findTopicPartitionMetadata(place.topic).find((one) => one.partitionId === place.partition);
  return metadata === undefined || metadata.leader < 0 ? undefined : metadata.leader;
}

/** What one partition brought. */
export interface FetchedBatch extends RawBatch {
  /** The node to read this partition from instead, which has a copy in the reader's rack; undefined when this one is right. */
  readonly readFrom: number | undefined;
}

/** One fetch: the broker answers when a record is there or after `maxWait` ms. With a rack, a leader may answer with a copy to read from instead. */
export async function fetchFrom(
  link: ClusterLink,
  node: number,
  places: readonly FetchPlace[],
  maxWait: number,
  rackId = '',
): Promise<FetchedBatch[]> {
  const positions = new Map<string, Map<number, number>>();
  for (const { topic, partition, position } of places) {
    const topicPositions = positions.get(topic) ?? new Map<number, number>();
    topicPositions.set(partition, position);
    positions.set(topic, topicPositions);
  }
  const topics = [...positions].map(([topic, partitions]) => ({
    topic,
    partitions: [...partitions].map(([partition, position]) => ({
      partition,
      fetchOffset: String(position),
      maxBytes: MAX_PARTITION_BYTES,
    })),
  }));
  const { responses } = await link.call('fetch', maxWait + REQUEST_DEADLINE, async (cluster) => {
    const broker = await cluster.findBroker({ nodeId: node });
    return broker.fetch({ maxWaitTime: maxWait, minBytes: 1, maxBytes: MAX_FETCH_BYTES, isolationLevel: ISOLATION, topics, rackId });
  });
  return responses.flatMap(({ topicName, partitions }) =>
    partitions.map(({ partition, highWatermark, messages, preferredReadReplica = -1 }) => ({
      topic: topicName,
      partition,
      highWatermark: Number(highWatermark),
      readFrom: preferredReadReplica >= 0 && preferredReadReplica !== node ? preferredReadReplica : undefined,
      records: recordsFrom(messages, positions.get(topicName)?.get(partition) ?? 0),
    })),
  );
}

/** A fetch may begin earlier than asked: batches are returned whole. */
function recordsFrom(messages: readonly FetchedMessage[], position: number): RawRecord[] {
  const records: RawRecord[] = [];
  for (const message of messages) {
    const offset = Number(message.offset);
    if (offset < position || message.isControlRecord === true) continue;
    records.push({ offset, key: message.key, value: message.value, timestamp: Number(message.timestamp) });
  }
  return records;
}
