import { REQUEST_DEADLINE, type ClusterLink } from './cluster-link.js';
import { partitionKey } from './raw-batch.js';

/** Kafka's special times. */
export const EARLIEST = -2;
export const LATEST = -1;

interface Place {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Offset of each place (by partitionKey) at a time in Unix ms, or at EARLIEST or LATEST (the offset after the last record); -1 when no record is
 * as young as the time.
 */
export async function listOffsets(link: ClusterLink, places: readonly Place[], time: number): Promise<Map<string, number>> {
  if (places.length === 0) return new Map();
  const topics = [...new Set(places.map((place) => place.topic))].map((topic) => ({
    topic,
    partitions: places.filter((place) => place.topic === topic).map(({ partition }) => ({ partition })),
    fromTimestamp: time,
  }));
  const found = await link.call('list offsets', REQUEST_DEADLINE, async (cluster) => {
    await link.watch(
      cluster,
      topics.map(({ topic }) => topic),
    );
    return cluster.fetchTopicsOffset(topics);
  });
  return new Map(
    found.flatMap(({ topic, partitions }) => partitions.map(({ partition, offset }) => [partitionKey(topic, partition), Number(offset)])),
  );
}

/** Every partition of these topics. */
export async function allPartitions(link: ClusterLink, topics: readonly string[]): Promise<Place[]> {
  return link.call('metadata', REQUEST_DEADLINE, async (cluster) => {
    await link.watch(cluster, topics);
    return topics.flatMap((topic) => link.partitions(cluster, topic).map((partition) => ({ topic, partition })));
  });
}
