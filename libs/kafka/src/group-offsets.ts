import { REQUEST_DEADLINE, type ClusterLink } from './cluster-link.js';
import type { ConnectionInternals } from './connection-internals.js';
import type { TopicPartition } from './connection.js';
import { patiently } from './patiently.js';

/** Generation and member of a commit that comes from outside of the group; the broker takes it while the group has no members. */
const NO_GENERATION = -1;
const NO_MEMBER = '';

/** What groups have committed, read and written from outside of them: for backups. */
export function groupOffsets(link: ClusterLink, prefix: string): Pick<ConnectionInternals, 'committedOf' | 'commitFor' | 'topics'> {
  return {
    committedOf: (group, places) =>
      patiently(`offsets of ${group}`, async () => {
        if (places.length === 0) return [];
        const topics = byTopic(places, prefix).map(([topic, own]) => ({ topic, partitions: own.map(({ partition }) => ({ partition })) }));
        const { responses } = await link.call('committed offsets', REQUEST_DEADLINE, async (cluster) => {
          const coordinator = await cluster.findGroupCoordinator({ groupId: prefix + group });
          return coordinator.offsetFetch({ groupId: prefix + group, topics });
        });
        return responses.flatMap(({ topic, partitions }) =>
          partitions
            .map(({ partition, offset }) => ({ topic: topic.slice(prefix.length), partition, offset: Number(offset) }))
            .filter(({ offset }) => offset >= 0),
        );
      }),
    commitFor: async (group, offsets) => {
      if (offsets.length === 0) return;
      const topics = byTopic(offsets, prefix).map(([topic, own]) => ({
        topic,
        partitions: own.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
      }));
      await patiently(`offsets of ${group}`, () =>
        link.call('commit offsets', REQUEST_DEADLINE, async (cluster) => {
          const coordinator = await cluster.findGroupCoordinator({ groupId: prefix + group });
          return coordinator.offsetCommit({
            groupId: prefix + group,
            groupGenerationId: NO_GENERATION,
            memberId: NO_MEMBER,
            topics,
          });
        }),
      );
    },
    topics: () =>
      patiently('topics', async () => {
        const { topicMetadata } = await link.call('topics', REQUEST_DEADLINE, async (cluster) => {
          const controller = await cluster.findControllerBroker();
          return controller.metadata([]);
        });
        return topicMetadata
          .map(({ topic }) => topic)
          .filter((topic) => topic.startsWith(prefix))
          .map((topic) => topic.slice(prefix.length));
      }),
  };
}

function byTopic<T extends TopicPartition>(places: readonly T[], prefix: string): [string, T[]][] {
  const topics = new Map<string, T[]>();
  for (const place of places) {
    const own = topics.get(prefix + place.topic) ?? [];
    own.push(place);
    topics.set(prefix + place.topic, own);
  }
  return [...topics];
}
