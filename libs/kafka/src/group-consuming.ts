import type { ClusterLink } from './cluster-link.js';
import type { GroupConsumer, GroupConsumerOptions, TopicPartition, TopicPartitionOffset } from './connection.js';
import { GroupHost } from './group-host.js';
import { allPartitions } from './list-offsets.js';
import { patiently } from './patiently.js';
import { composeHandler, type HandlerParts } from './middleware/compose-handler.js';

export interface ConsumingParts extends Omit<HandlerParts, 'reader' | 'topics' | 'stopped' | 'dead'> {
  readonly link: ClusterLink;
  readonly prefix: string;
  readonly rack: string | undefined;
  onFatal(error: unknown): void;
}

/** A group consumer in the words of its service: topics and group without prefix, decoded records. */
export class GroupConsuming implements GroupConsumer {
  readonly host: GroupHost;
  readonly #options: GroupConsumerOptions;
  readonly #parts: ConsumingParts;
  #started = false;
  #stopped = false;

  constructor(options: GroupConsumerOptions, parts: ConsumingParts) {
    this.#options = options;
    this.#parts = parts;
    const rebalances = parts.metrics.counter({
      name: 'kafka_rebalances_total',
      help: 'Joins of a group.',
      labels: { reader: [options.group] },
    });
    this.host = new GroupHost(
      options.topics.map((topic) => parts.prefix + topic),
      {
        link: parts.link,
        logger: parts.logger,
        group: parts.prefix + options.group,
        assigner: options.assigner,
        from: options.from,
        commit: options.commit,
        restMs: options.restMs,
        able: () => options.able?.() ?? true,
        rack: options.leadersOnly === true ? undefined : parts.rack,
        onBatch: composeHandler(
          {
            ...parts,
            plain: (topic) => parts.plain(topic),
            producer: () => parts.producer(),
            reader: options.group,
            dead: 'bury',
            topics: options.topics,
            owns: (topic, partition) => this.assigned().some((place) => place.topic === topic && place.partition === partition),
            stopped: () => !this.host.handingOver(),
          },
          (batch) => options.onBatch(batch),
        ),
        onAssigned: async (assigned) => {
          const plain = assigned.map((place) => this.#plain(place));
          parts.logger.info('kafka.group.joined', { group: options.group, assigned: summary(plain) });
          await options.onAssigned?.(plain);
        },
        beforeRejoin: async () => {
          parts.logger.info('kafka.group.draining', { group: options.group });
          await options.beforeRejoin?.();
        },
        onFatal: (error) => parts.onFatal(error),
        onRebalance: () => rebalances.add({ reader: options.group }),
      },
    );
  }

  start(): Promise<void> {
    this.#started = true;
    return this.host.start();
  }

  /** True unless it was started and is out of its group. */
  healthy(): boolean {
    return !this.#started || this.#stopped || this.host.joined();
  }

  commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    return this.host.committer.now(offsets.map((offset) => ({ ...offset, topic: this.#parts.prefix + offset.topic })));
  }

  seek(offsets: readonly TopicPartitionOffset[]): void {
    for (const { topic, partition, offset } of offsets) this.host.seek(this.#parts.prefix + topic, partition, offset);
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.host.reader.pause(this.#parts.prefix + topic, partition, true);
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.host.reader.pause(this.#parts.prefix + topic, partition, false);
  }

  assigned(): readonly TopicPartition[] {
    return this.host.assigned().map((place) => this.#plain(place));
  }

  async committed(topics: readonly string[]): Promise<readonly TopicPartitionOffset[]> {
    const prefixed = topics.map((topic) => this.#parts.prefix + topic);
    const committed = await patiently(`committed offsets of ${topics.join(', ')}`, async () =>
      this.host.membership.committed(await allPartitions(this.#parts.link, prefixed)),
    );
    return committed.map((place) => ({ ...place, topic: this.#parts.plain(place.topic) }));
  }

  leaseValid(): boolean {
    return this.host.leaseValid();
  }

  async setTopics(topics: readonly string[]): Promise<void> {
    this.#parts.logger.info('kafka.group.subscribing', { group: this.#options.group, topics: topics.length });
    this.host.subscribe(topics.map((topic) => this.#parts.prefix + topic));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.host.stop();
  }

  #plain({ topic, partition }: TopicPartition): TopicPartition {
    return { topic: this.#parts.plain(topic), partition };
  }
}

/** "topic" -> "0,2,4" for the log. */
function summary(assigned: readonly TopicPartition[]): Record<string, string> {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of assigned) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  return Object.fromEntries([...topics].map(([topic, partitions]) => [topic, partitions.sort((a, b) => a - b).join(',')]));
}
