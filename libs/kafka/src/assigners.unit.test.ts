import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copartition, roundRobin, type Assignment, type Candidate } from './assigners.js';

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const TOPICS = new Map([
  ['a', range(6)],
  ['b', range(6)],
  ['shares', range(4)],
]);
const member = (id: string, owned: number[] = [], generation = owned.length > 0 ? 1 : -1, topics = [...TOPICS.keys()]): Candidate => ({
  id,
  topics,
  owned,
  generation,
});
const shown = (assignment: Assignment) =>
  Object.fromEntries(
    [...assignment].map(([id, topics]) => [id, Object.fromEntries([...topics].map(([topic, numbers]) => [topic, numbers.join('')]))]),
  );

describe('copartition', () => {
  const rows: readonly (readonly [string, readonly Candidate[], Record<string, Record<string, string>>])[] = [
    ['one member takes all', [member('m1')], { m1: { a: '012345', b: '012345', shares: '0123' } }],
    [
      'two fresh members alternate',
      [member('m2'), member('m1')],
      { m1: { a: '024', b: '024', shares: '02' }, m2: { a: '135', b: '135', shares: '13' } },
    ],
    [
      'a second member takes half, spread over all topics',
      [member('m1', range(6)), member('m2')],
      { m1: { a: '024', b: '024', shares: '02' }, m2: { a: '135', b: '135', shares: '13' } },
    ],
    [
      'when one of three dies the others keep what they held',
      [member('m1', [0, 3]), member('m3', [2, 5])],
      { m1: { a: '013', b: '013', shares: '013' }, m3: { a: '245', b: '245', shares: '2' } },
    ],
    [
      'of two claims the younger generation counts',
      [member('m1', range(6), 3), member('m2', [1, 3, 5], 7)],
      { m1: { a: '024', b: '024', shares: '02' }, m2: { a: '135', b: '135', shares: '13' } },
    ],
    [
      'a member gets only topics it is subscribed to',
      [member('m1', [], -1, ['a']), member('m2')],
      { m1: { a: '024' }, m2: { a: '135', b: '012345', shares: '0123' } },
    ],
  ];
  it.each(rows)('%s', (_what, members, expected) => {
    expect(shown(copartition(members, TOPICS))).toEqual(expected);
  });

  it('gives every partition once, k of every topic to one member, evenly, whatever members claim', () => {
    const claims = fc.record({ owned: fc.subarray(range(12)), generation: fc.integer({ min: -1, max: 9 }) });
    fc.assert(
      fc.property(fc.array(claims, { minLength: 1, maxLength: 7 }), fc.integer({ min: 1, max: 12 }), (claimed, partitions) => {
        const topics = new Map([
          ['a', range(partitions)],
          ['b', range(partitions)],
        ]);
        const members = claimed.map((claim, index) => ({ id: `m${index}`, topics: ['a', 'b'], ...claim }));
        const assignment = copartition(members, topics);
        const sizes = members.map(({ id }) => assignment.get(id)?.get('a')?.length ?? 0);
        expect([...assignment.values()].flatMap((own) => own.get('a') ?? []).sort((x, y) => x - y)).toEqual(range(partitions));
        for (const own of assignment.values()) expect(own.get('b')).toEqual(own.get('a'));
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(shown(copartition([...members].reverse(), topics))).toEqual(shown(assignment));
      }),
    );
  });
});

describe('roundRobin', () => {
  it('spreads all partitions of all topics over those subscribed', () => {
    expect(shown(roundRobin([member('m2'), member('m1', [], -1, ['a'])], TOPICS))).toEqual({
      m1: { a: '024' },
      m2: { a: '135', b: '012345', shares: '0123' },
    });
  });
});
