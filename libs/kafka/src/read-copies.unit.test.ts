import { describe, expect, it } from 'vitest';
import type { Cluster } from './kafkajs-internals.js';
import { ReadCopies } from './read-copies.js';

const places = [0, 1, 2].map((partition) => ({ topic: 't', partition, position: 0 }));
/** Partition k is led by node k + 1; the last has no leader. */
const cluster = {
  findTopicPartitionMetadata: () => [
    { partitionId: 0, leader: 1, replicas: [1, 2, 3], isr: [1, 2, 3] },
    { partitionId: 1, leader: 2, replicas: [1, 2, 3], isr: [1, 2, 3] },
    { partitionId: 2, leader: -1, replicas: [1, 2, 3], isr: [] },
  ],
} as unknown as Cluster;
const read = (copies: ReadCopies, now: number) =>
  new Map([...copies.nodes(cluster, places, now)].map(([node, of]) => [node, of.map(({ partition }) => partition)]));

describe('where a partition is read', () => {
  it('is its leader, and nowhere while it has none', () => {
    expect(read(new ReadCopies('A'), 0)).toEqual(
      new Map([
        [1, [0]],
        [2, [1]],
      ]),
    );
  });

  it('is the copy its leader named, for five minutes', () => {
    const copies = new ReadCopies('A');
    copies.sentTo(1, 't', 1, 0);
    expect(read(copies, 299_999)).toEqual(new Map([[1, [0, 1]]]));
    expect(read(copies, 300_000).get(2)).toEqual([1]);
  });

  it('is the leader again once a copy could not be read, and for ten seconds no leader is asked for a copy', () => {
    const copies = new ReadCopies('A');
    copies.sentTo(1, 't', 1, 0);
    expect(copies.failed(1, 100)).toBe(true);
    expect(read(copies, 101).get(2)).toEqual([1]);
    expect([copies.rackAt(10_099), copies.rackAt(10_100)]).toEqual(['', 'A']);
  });

  it('stays as it is when a leader fails of which no copy was read', () => {
    const copies = new ReadCopies('A');
    copies.sentTo(1, 't', 1, 0);
    expect(copies.failed(2, 100)).toBe(false);
    expect([read(copies, 101).get(1), copies.rackAt(101)]).toEqual([[0, 1], 'A']);
  });
});
