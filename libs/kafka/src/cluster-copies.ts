import { REQUEST_DEADLINE, type ClusterLink } from './cluster-link.js';
import type { ClusterCopies } from './connection.js';

/** Every partition of the topics that begin with `prefix` and how many of its copies are in sync, names without prefix. */
export function readCopies(link: ClusterLink, prefix: string): Promise<ClusterCopies> {
  return link.call('copies of partitions', REQUEST_DEADLINE, async (cluster) => {
    const controller = await cluster.findControllerBroker();
    const { brokers, topicMetadata } = await controller.metadata([]);
    const partitions = topicMetadata
      .filter(({ topic }) => topic.startsWith(prefix))
      .flatMap(({ topic, partitionMetadata }) =>
        partitionMetadata.map(({ partitionId, leader, replicas, isr }) => ({
          topic: topic.slice(prefix.length),
          partition: partitionId,
          leader,
          copies: replicas.length,
          inSync: isr.length,
          copiesOn: replicas,
          inSyncOn: isr,
        })),
      );
    return { nodes: brokers.length, racks: new Map(brokers.map(({ nodeId, rack }) => [nodeId, rack ?? ''])), partitions };
  });
}
