import { DEAD_LETTER_RETENTION, deadTopic, type TopicSpec } from '@tocsin/contracts';
import type { Logger } from '@tocsin/observability';
import { REQUEST_DEADLINE, type ClusterLink } from './cluster-link.js';
import { backoff, delay } from './deadline.js';
import { isFatal, unavailable } from './kafka-error.js';
import type { TopicCreation } from './kafkajs-internals.js';

/** ms until all topics must be usable. */
const ENSURE_DEADLINE = 60_000;
/** ms one creation request may take; it creates hundreds of partitions on a cold broker. */
const CREATE_DEADLINE = 20_000;
/** Copies of each partition where nobody says otherwise, as far as there are brokers. */
const MOST_COPIES = 3;
const MINUTE = 60_000;
const MEBIBYTE = 1_048_576;

/** What a compacted topic needs so that compaction keeps up with it: the newest segment is never compacted. */
const COMPACTED = {
  'cleanup.policy': 'compact',
  'segment.ms': String(10 * MINUTE),
  'segment.bytes': String(16 * MEBIBYTE),
  'min.cleanable.dirty.ratio': '0.2',
  'delete.retention.ms': String(60 * MINUTE),
} as const;

/** Dead letters are few and looked at by people: one partition keeps them in the order they failed in, at the cost of one. */
const DEAD_PARTITIONS = 1;

/** Topics to create for these specs with the dead letter topic of each, names with prefix; pure. */
export function topicCreations(specs: readonly TopicSpec[], prefix: string, brokers: number, wanted?: number): TopicCreation[] {
  // A broker that is away at this moment keeps its place: a topic made meanwhile would otherwise lack a copy for good.
  const copies = wanted ?? Math.min(MOST_COPIES, brokers);
  const dead = specs.map((spec) => ({ name: deadTopic(spec.name), partitions: DEAD_PARTITIONS, keeps: DEAD_LETTER_RETENTION }));
  const named = new Map([...specs, ...dead].map((spec) => [spec.name, spec]));
  return [...named.values()].map(({ name, partitions, keeps }) => ({
    topic: prefix + name,
    numPartitions: partitions,
    replicationFactor: copies,
    configEntries: entries({
      ...(keeps === 'compacted' ? COMPACTED : { 'cleanup.policy': 'delete', 'retention.ms': String(keeps) }),
      ...(copies >= MOST_COPIES ? { 'min.insync.replicas': '2' } : {}),
    }),
  }));
}

export interface TopicPlacing {
  readonly prefix: string;
  readonly copies: number | undefined;
}

/** Creates what is missing, side by side with whoever does the same, and waits until every partition has a leader. */
export async function ensureTopics(link: ClusterLink, logger: Logger, specs: readonly TopicSpec[], placing: TopicPlacing): Promise<void> {
  const end = performance.now() + ENSURE_DEADLINE;
  for (let attempt = 0; ; attempt++) {
    try {
      if (await createMissing(link, logger, specs, placing)) return;
    } catch (error) {
      if (isFatal(error)) throw error;
      logger.warn('kafka.topics.failed', { attempt, error: error instanceof Error ? error.message : String(error) });
      if (performance.now() > end) throw unavailable('topics could not be created', error);
    }
    if (performance.now() > end) throw unavailable('topics have no leaders', undefined);
    await delay(backoff(attempt, 100, 1_000));
  }
}

/** Answers whether all are usable. */
async function createMissing(link: ClusterLink, logger: Logger, specs: readonly TopicSpec[], placing: TopicPlacing): Promise<boolean> {
  return link.call('create topics', CREATE_DEADLINE + REQUEST_DEADLINE, async (cluster) => {
    const controller = await cluster.findControllerBroker();
    // No topic named = all topics: a name that does not exist would fail the whole answer.
    const { brokers, topicMetadata } = await controller.metadata([]);
    const present = new Map(topicMetadata.map(({ topic, partitionMetadata }) => [topic, partitionMetadata]));
    const creations = topicCreations(specs, placing.prefix, brokers.length, placing.copies);
    const missing = creations.filter(({ topic }) => !present.has(topic));
    if (missing.length > 0) {
      logger.info('kafka.topics.creating', { topics: missing.length });
      // Others may have created some meanwhile; what really failed shows in the next look.
      await controller.createTopics({ topics: missing, timeout: CREATE_DEADLINE }).catch((error: unknown) => {
        logger.debug('kafka.topics.create', { error: error instanceof Error ? error.message : String(error) });
        if (!isAggregate(error)) throw error;
      });
      return false;
    }
    for (const { topic, numPartitions, replicationFactor } of creations) {
      const partitions = present.get(topic) ?? [];
      const copies = Math.min(...partitions.map(({ replicas }) => replicas.length));
      if (copies < replicationFactor) logger.warn('kafka.topic.few-copies', { topic, copies, wanted: replicationFactor });
      if (partitions.length < numPartitions)
        logger.warn('kafka.topic.narrow', { topic, partitions: partitions.length, wanted: numPartitions });
    }
    return creations.every(({ topic }) => (present.get(topic) ?? []).every((partition) => partition.leader >= 0));
  });
}

function isAggregate(error: unknown): boolean {
  return error instanceof Error && error.name === 'KafkaJSAggregateError';
}

function entries(config: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(config).map(([name, value]) => ({ name, value }));
}
