import { CHANNEL_TOPICS, TOPICS, channelTopicSpecs, deadTopic, type TopicSpec } from './topics.js';

export type AccessOperation = 'read' | 'write' | 'create' | 'describe';

/** What one user may do with one topic or group; everything else is denied. Names with the installation's prefix. */
export interface AccessRule {
  readonly user: string;
  readonly resource: 'topic' | 'group';
  readonly name: string;
  readonly operations: readonly AccessOperation[];
}

/** What the table of topics calls every channel. */
const ANY_CHANNEL = 'channel-*';

/** Consumer groups of each party, without prefix; a channel has one, called as itself. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  routing: ['routing', 'routing-planner'],
  campaigns: ['campaigns'],
  deliveries: ['deliveries'],
  subscribers: ['subscribers'],
};

/** Every party of the table of topics but channels. */
export const KAFKA_USERS: readonly string[] = [
  ...new Set([...Object.values(TOPICS), ...Object.values(CHANNEL_TOPICS)].flatMap(partiesOf).filter((party) => party !== ANY_CHANNEL)),
];

/**
 * Every rule of an installation, derived from the table of topics: who produces may write, who consumes may read and write the dead letters, and all of them and the owner
 * may make the topic where it is missing. A channel sees the topics of no other one. All names are literal: the channels are those that are installed.
 */
export function accessRules(channels: readonly string[], prefix: string): readonly AccessRule[] {
  const users = [...KAFKA_USERS, ...channels.map((channel) => `channel-${channel}`)];
  const shared = Object.values(TOPICS).map((spec) => ({ spec, channel: undefined }));
  const own = channels.flatMap((channel) => channelTopicSpecs(channel, 1).map((spec) => ({ spec, channel })));
  return users.flatMap((user) => {
    const topics = [...shared, ...own].flatMap(({ spec, channel }) => topicRules(user, partyOf(user, channel), spec, prefix));
    const groups = (GROUPS[user] ?? (channels.includes(user.slice('channel-'.length)) ? [user] : [])).map((group): AccessRule => ({
      user,
      resource: 'group',
      name: prefix + group,
      operations: ['read'],
    }));
    return [...topics, ...groups];
  });
}

/** Of these topics those a party ("routing", "channel-*") writes or reads: what it makes sure of when it starts. */
export function topicsOf(party: string, specs: readonly TopicSpec[]): readonly TopicSpec[] {
  return specs.filter((spec) => partiesOf(spec).includes(party));
}

function topicRules(user: string, party: string, spec: TopicSpec, prefix: string): readonly AccessRule[] {
  const writes = spec.producers.includes(party);
  const reads = spec.consumers.includes(party);
  if (!partiesOf(spec).includes(party)) return [];
  const rule = (name: string, operations: readonly AccessOperation[]): AccessRule => ({
    user,
    resource: 'topic',
    name: prefix + name,
    operations,
  });
  return [
    rule(spec.name, ['describe', 'create', ...(reads ? (['read'] as const) : []), ...(writes ? (['write'] as const) : [])]),
    rule(deadTopic(spec.name), ['describe', 'create', ...(reads ? (['write'] as const) : [])]),
  ];
}

/** What a user is called in the table, as far as this topic goes: a channel is none of the parties of another one's topics. */
function partyOf(user: string, channel: string | undefined): string {
  if (!user.startsWith('channel-')) return user;
  return channel === undefined || user === `channel-${channel}` ? ANY_CHANNEL : user;
}

function partiesOf(spec: TopicSpec): readonly string[] {
  return [spec.owner, ...spec.producers, ...spec.consumers];
}
