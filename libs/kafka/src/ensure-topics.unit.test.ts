import { describe, expect, it } from 'vitest';
import { topicCreations } from './ensure-topics.js';

const spec = (name: string, keeps: number | 'compacted') => ({ name, partitions: 6, keeps, owner: 'x', producers: [], consumers: [] });

describe('topicCreations', () => {
  const configOf = (brokers: number, keeps: number | 'compacted') =>
    Object.fromEntries(
      topicCreations([spec('a.v1', keeps)], 'p-', brokers)[0]?.configEntries.map(({ name, value }) => [name, value]) ?? [],
    );

  it('adds one dead letter topic of 30 days for each topic', () => {
    const [, dead] = topicCreations([spec('a.v1', 1_000)], 'p-', 1);
    expect(dead).toMatchObject({ topic: 'p-a.v1.dead', numPartitions: 1, replicationFactor: 1 });
    expect(dead?.configEntries).toContainEqual({ name: 'retention.ms', value: '2592000000' });
  });

  it.each([
    [1, 1, undefined],
    [2, 2, undefined],
    [3, 3, '2'],
    [9, 3, '2'],
  ])('%d brokers: %d copies, min.insync.replicas %s', (brokers, copies, insync) => {
    expect(topicCreations([spec('a', 1)], '', brokers)[0]?.replicationFactor).toBe(copies);
    expect(configOf(brokers, 1)['min.insync.replicas']).toBe(insync);
  });

  it('keeps the copies it is told, however many brokers answer at that moment', () => {
    expect(topicCreations([spec('a', 1)], '', 2, 3)[0]).toMatchObject({ replicationFactor: 3 });
    expect(topicCreations([spec('a', 1)], '', 2, 3)[0]?.configEntries).toContainEqual({ name: 'min.insync.replicas', value: '2' });
  });

  it('compacts what is compacted and expires the rest', () => {
    expect(configOf(1, 'compacted')).toMatchObject({ 'cleanup.policy': 'compact', 'segment.ms': '600000' });
    expect(configOf(1, 60_000)).toEqual({ 'cleanup.policy': 'delete', 'retention.ms': '60000' });
  });
});
