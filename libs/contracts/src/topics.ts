import { LANES, laneName, type LaneName } from './lanes.js';
import type { Lane } from './gen/tocsin/common/v1/common.js';

const DAY = 24 * 60 * 60 * 1000;
const HOUR = 60 * 60 * 1000;

export interface TopicSpec {
  /** Name without the installation's prefix; "<channel>" and "<lane>" are placeholders. */
  readonly name: string;
  readonly partitions: number;
  /** Milliseconds kept; 'compacted' keeps the last record of each key. */
  readonly keeps: number | 'compacted';
  readonly owner: string;
  readonly producers: readonly string[];
  readonly consumers: readonly string[];
}

/** Partitions of everything keyed "<campaign>:<slice>": one ledger partition each. */
export const LEDGER_PARTITIONS = 6;
/** Partitions of everything keyed by channel. */
export const CHANNEL_PARTITIONS = 12;
/** Shares of a route's rate when a manifest says nothing. */
export const DEFAULT_SHARES = 4;
/** Dead letters are kept this long, ms. */
export const DEAD_LETTER_RETENTION = 30 * DAY;

/** Every topic of Tocsin; created by code, auto-creation is off. */
export const TOPICS = {
  tenantEvents: topic('tenant.events.v1', 6, 7 * DAY, 'tenants', ['tenants'], ['gateway', 'routing']),
  campaignEvents: topic('campaign.events.v1', 6, 7 * DAY, 'campaigns', ['campaigns'], ['routing']),
  registerEvents: topic('register.events.v1', 6, 7 * DAY, 'subscribers', ['subscribers'], []),
  suppressions: topic('register.suppressions.v1', 6, 'compacted', 'subscribers', ['subscribers'], ['channel-*']),
  campaignStops: topic('campaign.stops.v1', 6, 7 * DAY, 'campaigns', ['campaigns', 'routing'], ['channel-*', 'campaigns']),
  manifests: topic('channel.manifests.v1', 1, 'compacted', 'channel-*', ['channel-*'], ['routing', 'campaigns', 'deliveries', 'tenants']),
  capacity: topic('channel.capacity.v1', CHANNEL_PARTITIONS, HOUR, 'channel-*', ['channel-*'], ['routing', 'channel-*']),
  plans: topic('routing.plans.v1', CHANNEL_PARTITIONS, 7 * DAY, 'routing', ['routing'], ['routing']),
  backlogs: topic('routing.backlogs.v1', 1, HOUR, 'routing', ['routing'], ['campaigns']),
  planned: topic('delivery.planned.v1', LEDGER_PARTITIONS, 7 * DAY, 'routing', ['routing'], ['deliveries']),
  due: topic('delivery.due.v1', CHANNEL_PARTITIONS, 7 * DAY, 'deliveries', ['deliveries'], ['routing']),
  tallies: topic('delivery.tallies.v1', LEDGER_PARTITIONS, 'compacted', 'deliveries', ['deliveries'], ['campaigns']),
  operatorControls: topic('operator.controls.v1', 1, 'compacted', 'tenants', ['tenants'], ['routing', 'channel-*', 'campaigns']),
  auditHeads: topic('audit.heads.v1', 1, 'compacted', 'tenants', ['tenants'], []),
  replies: topic('inbound.replies.v1', 6, 7 * DAY, 'channel-*', ['channel-*'], ['subscribers']),
} as const;

/** Topics whose key is, or holds, the keyed hash of an address: it lives as long as the topic keeps, and is copied nowhere. */
export const KEYED_BY_ADDRESS: readonly string[] = [TOPICS.replies.name, TOPICS.suppressions.name];

/** Topics each channel has of its own; granted topics have one partition a share. */
export const CHANNEL_TOPICS = {
  granted: topic('delivery.granted.<channel>.<lane>.v1', DEFAULT_SHARES, 7 * DAY, 'routing', ['routing'], ['channel-*', 'routing']),
  attempts: topic(
    'delivery.attempts.<channel>.v1',
    LEDGER_PARTITIONS,
    7 * DAY,
    'channel-*',
    ['channel-*'],
    ['deliveries', 'routing', 'channel-*'],
  ),
  receipts: topic('delivery.receipts.<channel>.v1', LEDGER_PARTITIONS, 7 * DAY, 'channel-*', ['channel-*'], ['deliveries']),
  // What a person answers (presses 1, taps): no channel of today hears it; the ledger reads the topic so that the first that does changes nobody.
  acknowledgements: topic('delivery.acknowledgements.<channel>.v1', LEDGER_PARTITIONS, 7 * DAY, 'channel-*', [], ['deliveries']),
  unmatched: topic('delivery.unmatched.<channel>.v1', 6, 72 * HOUR, 'channel-*', ['channel-*'], ['channel-*']),
} as const;

export function grantedTopic(channel: string, lane: Lane): string {
  return grantedTopicNamed(channel, laneName(lane));
}

export function grantedTopicNamed(channel: string, lane: LaneName): string {
  return `delivery.granted.${channel}.${lane}.v1`;
}

/** The granted topics of a channel in lane order, most severe first. */
export function grantedTopics(channel: string): string[] {
  return LANES.map((row) => grantedTopicNamed(channel, row.name));
}

export function attemptsTopic(channel: string): string {
  return `delivery.attempts.${channel}.v1`;
}

export function receiptsTopic(channel: string): string {
  return `delivery.receipts.${channel}.v1`;
}

export function acknowledgementsTopic(channel: string): string {
  return `delivery.acknowledgements.${channel}.v1`;
}

export function unmatchedTopic(channel: string): string {
  return `delivery.unmatched.${channel}.v1`;
}

export function deadTopic(name: string): string {
  return `${name}.dead`;
}

/** The concrete topics one channel needs, given its number of shares. */
export function channelTopicSpecs(channel: string, shares: number): TopicSpec[] {
  return Object.values(CHANNEL_TOPICS).flatMap((spec) => {
    const partitions = spec === CHANNEL_TOPICS.granted ? shares : spec.partitions;
    const named = { ...spec, name: spec.name.replace('<channel>', channel), partitions };
    return spec.name.includes('<lane>') ? LANES.map((row) => ({ ...named, name: named.name.replace('<lane>', row.name) })) : [named];
  });
}

function topic(
  name: string,
  partitions: number,
  keeps: number | 'compacted',
  owner: string,
  producers: readonly string[],
  consumers: readonly string[],
): TopicSpec {
  return { name, partitions, keeps, owner, producers, consumers };
}
