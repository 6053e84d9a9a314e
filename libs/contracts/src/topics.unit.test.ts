import { describe, expect, it } from 'vitest';
import { CHANNEL_TOPICS, LEDGER_PARTITIONS, TOPICS, channelTopicSpecs, grantedTopics } from './topics.js';

/** Published for whoever listens; nobody inside needs it yet. Heads of the audit are read by tocsin-admin alone. */
const WITHOUT_CONSUMER = ['register.events.v1', 'audit.heads.v1'];
/** Read already; the first channel that hears people answer will write it. */
const WITHOUT_PRODUCER = ['delivery.acknowledgements.<channel>.v1'];

const every = [...Object.values(TOPICS), ...Object.values(CHANNEL_TOPICS)];

describe('every topic is somebody’s business', () => {
  for (const spec of every) {
    it(`${spec.name} has an owner, a producer and a consumer`, () => {
      expect(spec.owner).not.toBe('');
      expect(spec.producers.length > 0 || WITHOUT_PRODUCER.includes(spec.name)).toBe(true);
      expect(spec.consumers.length > 0 || WITHOUT_CONSUMER.includes(spec.name)).toBe(true);
    });
    it(`${spec.name} ends with its version`, () => expect(spec.name).toMatch(/\.v\d+$/));
  }
});

describe('topics of a channel', () => {
  const specs = channelTopicSpecs('sms', 8);

  it('granted topics, one a lane, have one partition a share', () => {
    expect(specs.filter((spec) => grantedTopics('sms').includes(spec.name)).map((spec) => spec.partitions)).toEqual([8, 8, 8, 8]);
  });

  it('everything keyed by slice has one partition a ledger partition', () => {
    const ledger = specs.filter((spec) => /attempts|receipts|acknowledgements/.test(spec.name));
    expect(ledger.map((spec) => spec.partitions)).toEqual([LEDGER_PARTITIONS, LEDGER_PARTITIONS, LEDGER_PARTITIONS]);
    expect(TOPICS.planned.partitions).toBe(LEDGER_PARTITIONS);
  });

  it('no placeholder is left in a name', () => {
    expect(specs.filter((spec) => spec.name.includes('<'))).toEqual([]);
  });
});
