import {
  channelTopicSpecs,
  deadTopic,
  grantedTopics,
  attemptsTopic,
  receiptsTopic,
  acknowledgementsTopic,
  unmatchedTopic,
  TOPICS,
  type TopicSpec,
  unpackEnvelope,
} from '@tocsin/contracts';
import type { Manifest } from '@tocsin/contracts/channels/v1/channels';
import { Envelope } from '@tocsin/contracts/common/v1/common';
import { type Journal, type KafkaConnection, partitionOf } from '@tocsin/kafka';
import type { Checkpoint } from '../../../../services/routing/dist/scheduler/checkpoint-store.js';
import type { CommittedGroup, CopiedPartition } from './pieces.js';

/** ms before the oldest attempt that may be needed: brokers' clocks differ, and channels read as much earlier. */
const MARGIN_MS = 2 * 60_000;
/** ms of attempts at least: receipts arrive minutes after them. */
const LEAST_ATTEMPTS_MS = 10 * 60_000;

/** What of Kafka a restore needs: not its history, but what the documents have not taken yet, and what is read whole. */
export interface CopyPlan {
  readonly channels: readonly { readonly channel: string; readonly shares: number }[];
  /** What flows: copied from these bases up to a moment before campaigns and tenants are read. */
  readonly flows: readonly CopiedPartition[];
  /** What people decided and what is compacted: copied whole, after them. */
  readonly whole: readonly CopiedPartition[];
  readonly groups: readonly CommittedGroup[];
}

const WHOLE = [
  TOPICS.campaignEvents,
  TOPICS.campaignStops,
  TOPICS.tenantEvents,
  TOPICS.operatorControls,
  TOPICS.suppressions,
  TOPICS.manifests,
  TOPICS.tallies,
];

/** Where the copy of each partition begins: at what was committed, or at what an older checkpoint still needs. Read before any document, since documents only grow newer. */
export async function planCopy(
  kafka: KafkaConnection,
  journal: Journal,
  manifests: readonly Manifest[],
  checkpoints: readonly Checkpoint[],
  now: number,
): Promise<CopyPlan> {
  const present = new Set(await journal.topics());
  const lows = new Map<string, number>();
  const lowOf = (topic: string, partition: number): number => lows.get(`${topic}/${partition}`) ?? 0;
  const placesOf = async (spec: Pick<TopicSpec, 'name'>): Promise<CopiedPartition[]> => {
    if (!present.has(spec.name)) return [];
    const offsets = await kafka.offsets(spec.name);
    for (const { partition, low } of offsets) lows.set(`${spec.name}/${partition}`, low);
    return offsets.map(({ partition, low }) => ({ topic: spec.name, partition, base: low }));
  };
  const all = async (names: readonly string[]): Promise<CopiedPartition[]> =>
    (await Promise.all(names.map((name) => placesOf({ name })))).flat();

  const channels = manifests.map(({ channel, shares }) => ({ channel, shares }));
  const names = channels.map(({ channel }) => channel);
  const readers: readonly (readonly [group: string, topics: readonly string[]])[] = [
    ['routing', [TOPICS.plans.name, TOPICS.due.name]],
    ['routing-planner', [TOPICS.campaignEvents.name]],
    ['campaigns', [TOPICS.campaignStops.name]],
    ['subscribers', [TOPICS.replies.name]],
    [
      'deliveries',
      [TOPICS.planned.name, ...names.flatMap((name) => [attemptsTopic(name), receiptsTopic(name), acknowledgementsTopic(name)])],
    ],
    ...names.map((name) => [`channel-${name}`, grantedTopics(name)] as const),
  ];
  const groups: CommittedGroup[] = [];
  const bases = new Map<string, CopiedPartition>();
  for (const [group, topics] of readers) {
    const places = await all(topics);
    const offsets = await journal.committed(group, places);
    groups.push({ group, offsets });
    for (const place of places) {
      const committed = offsets.find(({ topic, partition }) => topic === place.topic && partition === place.partition);
      bases.set(keyOf(place), { ...place, base: Math.max(place.base, committed?.offset ?? 0) });
    }
  }
  // The channels' own readers want these whole; they are small, or keep three days.
  for (const place of await all(names.map(unmatchedTopic))) bases.set(keyOf(place), place);

  const lower = (topic: string, partition: number, offset: number): void => {
    const known = bases.get(`${topic}/${partition}`);
    if (known && offset < known.base) bases.set(keyOf(known), { ...known, base: Math.max(offset, lowOf(topic, partition)) });
  };
  for (const { channel, receiptTimeout } of manifests) {
    const checkpoint = checkpoints.find(({ _id }) => _id === channel);
    const own = partitionOf(Buffer.from(channel), TOPICS.plans.partitions);
    if (checkpoint) {
      lower(TOPICS.plans.name, own, checkpoint.offsets.plans);
      lower(TOPICS.due.name, own, checkpoint.offsets.due);
      const attempts = new Map(checkpoint.offsets.attempts);
      for (let partition = 0; partition < TOPICS.planned.partitions; partition += 1)
        lower(attemptsTopic(channel), partition, attempts.get(partition) ?? 0);
      grantedTopics(channel).forEach((topic, lane) =>
        (checkpoint.offsets.granted[lane] ?? []).forEach((offset, share) => lower(topic, share, offset)),
      );
    }
    const since = Math.min(
      now - Math.max(receiptTimeout, LEAST_ATTEMPTS_MS),
      await oldestGrant(journal, kafka, grantedTopics(channel), bases),
    );
    if (!present.has(attemptsTopic(channel))) continue;
    for (const { topic, partition, offset } of await journal.offsetsAt(attemptsTopic(channel), since - MARGIN_MS))
      lower(topic, partition, offset);
  }
  const wholeNames = new Set<string>(WHOLE.map(({ name }) => name));
  return {
    channels,
    flows: [...bases.values()].filter(({ topic }) => !wholeNames.has(topic)),
    whole: await all([...wholeNames]),
    groups,
  };
}

/** Unix ms of the oldest grant that is copied: its attempt, if there is one, must be, too, or it would be sent again. */
async function oldestGrant(
  journal: Journal,
  kafka: KafkaConnection,
  topics: readonly string[],
  bases: ReadonlyMap<string, CopiedPartition>,
): Promise<number> {
  let oldest = Infinity;
  for (const { topic, partition, base } of bases.values()) {
    if (!topics.includes(topic)) continue;
    const high = (await kafka.offsets(topic)).find((one) => one.partition === partition)?.high ?? 0;
    if (base >= high) continue;
    await journal.read({ topic, partition }, base, base + 1, async (records) => {
      for (const { timestamp } of records) oldest = Math.min(oldest, timestamp);
    });
  }
  return oldest;
}

/** The newest manifest of each channel, from the records of their topic. */
export async function readManifestRecords(journal: Journal, kafka: KafkaConnection): Promise<Manifest[]> {
  const manifests = new Map<string, Manifest>();
  if (!(await journal.topics()).includes(TOPICS.manifests.name)) return [];
  for (const { partition, low, high } of await kafka.offsets(TOPICS.manifests.name)) {
    await journal.read({ topic: TOPICS.manifests.name, partition }, low, high, async (records) => {
      for (const { key, value } of records) {
        if (value === null) manifests.delete(String(key));
        else {
          const unpacked = unpackEnvelope(Envelope.decode(value));
          if (unpacked.type === 'tocsin.channels.v1.Manifest') manifests.set(unpacked.value.channel, unpacked.value);
        }
      }
    });
  }
  return [...manifests.values()];
}

/** Every topic a restored platform has. */
export function topicsOf(channels: readonly { readonly channel: string; readonly shares: number }[]): TopicSpec[] {
  return [...Object.values(TOPICS), ...channels.flatMap(({ channel, shares }) => channelTopicSpecs(channel, shares))];
}

/** Their dead letter topics, too: what must be empty before a restore. */
export function namesOf(specs: readonly TopicSpec[]): string[] {
  return specs.flatMap(({ name }) => [name, deadTopic(name)]);
}

export function keyOf({ topic, partition }: Pick<CopiedPartition, 'topic' | 'partition'>): string {
  return `${topic}/${partition}`;
}
