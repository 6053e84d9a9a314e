import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowHeap, type HeapMember } from './flow-heap.js';

interface Named extends HeapMember {
  readonly name: number;
}

describe('flow heap', () => {
  it('always has the least (key, arrival) first, whoever joins, changes or leaves', () => {
    const step = fc.record({ name: fc.integer({ min: 0, max: 40 }), key: fc.integer({ min: 0, max: 9 }), leaves: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const heap = new FlowHeap<Named>();
        const all = new Map<number, Named>();
        let arrivals = 0;
        for (const { name, key, leaves } of steps) {
          const member = all.get(name) ?? { name, key, arrival: 0, slot: -1 };
          all.set(name, member);
          if (leaves) {
            heap.remove(member);
          } else {
            member.key = key;
            member.arrival = ++arrivals;
            heap.settle(member);
          }
          const inside = [...all.values()].filter((one) => one.slot >= 0).sort((a, b) => a.key - b.key || a.arrival - b.arrival);
          expect(heap.size).toBe(inside.length);
          expect(heap.first()?.name).toBe(inside[0]?.name);
        }
      }),
      { seed: 32, numRuns: 200 },
    );
  });
});
