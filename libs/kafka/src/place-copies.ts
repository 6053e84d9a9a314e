import type { KafkaConnection } from './connection.js';
import { internalsOf } from './connection-internals.js';
import { REQUEST_DEADLINE, type ClusterLink } from './cluster-link.js';

/** ms in which the cluster writes down where all copies belong; data that has to be moved follows later. */
const PLACE_DEADLINE = 30_000;

export interface CopiesPlaced {
  readonly partitions: number;
  /** Partitions nobody leads, "topic/partition": no copy of them that has all records is up. */
  readonly leaderless: readonly string[];
}

/**
 * Says of every partition of the cluster, Kafka's own topics included, that its copies belong on these nodes and nowhere else, and that the first of them is to lead. Resolves when that is
 * written down; leaders follow with the cluster's next rebalancing.
 */
export function placeCopies(connection: KafkaConnection, nodes: readonly number[]): Promise<CopiesPlaced> {
  return internalsOf(connection).placeCopies(nodes);
}

/** As placeCopies, over a link. */
export function placeCopiesOver(link: ClusterLink, nodes: readonly number[]): Promise<CopiesPlaced> {
  return link.call('place copies', PLACE_DEADLINE + REQUEST_DEADLINE, async (cluster) => {
    const controller = await cluster.findControllerBroker();
    const { topicMetadata } = await controller.metadata([]);
    const topics = topicMetadata.map(({ topic, partitionMetadata }) => ({
      topic,
      partitionAssignment: partitionMetadata.map(({ partitionId }) => ({ partition: partitionId, replicas: nodes })),
    }));
    await controller.alterPartitionReassignments({ topics, timeout: PLACE_DEADLINE });
    const leaderless = topicMetadata.flatMap(({ topic, partitionMetadata }) =>
      partitionMetadata.filter(({ leader }) => leader < 0).map(({ partitionId }) => `${topic}/${partitionId}`),
    );
    return { partitions: topics.reduce((sum, { partitionAssignment }) => sum + partitionAssignment.length, 0), leaderless };
  });
}
