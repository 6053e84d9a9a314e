import { describe, expect, it } from 'vitest';
import { KAFKA_USERS, accessRules, topicsOf } from './kafka-access.js';
import { channelTopicSpecs } from './topics.js';

const RULES = accessRules(['sms', 'email'], 'p-');
const may = (user: string, name: string): readonly string[] =>
  RULES.find((rule) => rule.user === user && rule.name === `p-${name}`)?.operations ?? [];

describe('what each user may do on Kafka', () => {
  it.each([
    ['tenants', 'tenant.events.v1', ['describe', 'create', 'write']],
    ['gateway', 'tenant.events.v1', ['describe', 'create', 'read']],
    ['channel-sms', 'tenant.events.v1', []],
    ['channel-sms', 'delivery.granted.sms.urgent.v1', ['describe', 'create', 'read']],
    ['channel-sms', 'delivery.granted.email.urgent.v1', []],
    ['channel-sms', 'delivery.attempts.sms.v1', ['describe', 'create', 'read', 'write']],
    ['channel-email', 'delivery.attempts.sms.v1', []],
    ['channel-sms', 'delivery.acknowledgements.sms.v1', ['describe', 'create']],
    ['deliveries', 'delivery.attempts.sms.v1', ['describe', 'create', 'read']],
    ['deliveries', 'delivery.attempts.sms.v1.dead', ['describe', 'create', 'write']],
    ['deliveries', 'delivery.granted.sms.bulk.v1', []],
    ['tenants', 'tenant.events.v1.dead', ['describe', 'create']],
    ['campaigns', 'channel.manifests.v1', ['describe', 'create', 'read']],
    ['routing', 'routing-planner', ['read']],
    ['routing', 'deliveries', []],
    ['channel-sms', 'channel-sms', ['read']],
    ['channel-sms', 'channel-email', []],
  ])('%s on %s: %j', (user, name, operations) => expect(may(user, name)).toEqual(operations));

  it('has no name twice for a user, and every name with the prefix', () => {
    const keys = RULES.map(({ user, resource, name }) => `${user} ${resource} ${name}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(RULES.every(({ name }) => name.startsWith('p-'))).toBe(true);
  });

  it('nobody but its parties has a topic', () => {
    expect(topicsOf('routing', channelTopicSpecs('sms', 4)).map(({ name }) => name)).not.toContain('delivery.receipts.sms.v1');
    expect(KAFKA_USERS.toSorted()).toEqual(['campaigns', 'deliveries', 'gateway', 'routing', 'subscribers', 'tenants']);
  });
});
