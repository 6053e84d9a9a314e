import { describe, expect, it } from 'vitest';
import type { SliceItem } from '@tocsin/contracts/routing/v1/plans';
import { seededRandom } from '@tocsin/testing';
import { AGAIN_SLICES_AHEAD, AgainList } from './again-list.js';

const nothing = Buffer.alloc(0);
const itemsOf = (count: number): SliceItem[] =>
  Array.from({ length: count }, (_, index) => ({ index, box: nothing, addressHash: nothing, domainHash: nothing, cost: 1, n: 1 }));

/** Grants everything that is due, reading contents as they are wanted; answers `slice/index#n` in the order granted. */
function drain(list: AgainList, now: number): string[] {
  const granted: string[] = [];
  for (;;) {
    for (const slice of list.wanted(now)) list.loaded(slice, itemsOf(250));
    const next = list.next(now);
    if (!next) return granted;
    granted.push(`${next.slice}/${next.item.index}#${next.n}`);
    list.drop(next.slice, next.item.index, next.n);
  }
}

describe('what is granted out of order', () => {
  it('comes by slice in the order it falls due, and not before', () => {
    const list = new AgainList();
    list.add(4, 2, 3_000, [1]);
    list.add(9, 2, 1_000, [2, 3]);
    list.add(7, 3, 2_000, [4]);
    expect(drain(list, 999)).toEqual([]);
    expect(list.nextDue(999)).toBe(1_000);
    expect(drain(list, 2_000)).toEqual(['9/2#2', '9/3#2', '7/4#3']);
    expect(list.nextDue(2_000)).toBe(3_000);
    expect(drain(list, 3_000)).toEqual(['4/1#2']);
    expect(list.empty).toBe(true);
    expect(list.nextDue(3_000)).toBe(Infinity);
  });

  it('holds the contents of a few slices only, and lets go of one whose next item is not due yet', () => {
    const list = new AgainList();
    for (let slice = 0; slice < 600; slice++) list.add(slice, 2, 1_000, [slice % 250]);
    list.add(0, 3, 9_000, [5]);
    expect(list.wanted(1_000)).toEqual([0, 1]);
    expect(list.wanted(1_000)).toHaveLength(AGAIN_SLICES_AHEAD);
    list.loaded(0, itemsOf(250));
    list.loaded(300, itemsOf(250));
    expect(list.cachedItems).toBe(250);
    list.drop(0, 0, 2);
    expect(list.wanted(1_000)).toEqual([1, 2]);
    expect(list.cachedItems).toBe(0);
    expect(list.has(0, 5, 3)).toBe(true);
  });

  it.each([1, 2, 3])('gives each item once, whatever the order they came in (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const list = new AgainList();
    const expected = new Set<string>();
    for (let added = 0; added < 2_000; added++) {
      const [slice, index, n] = [Math.floor(random() * 400), Math.floor(random() * 250), 2 + Math.floor(random() * 2)];
      if (list.has(slice, index, n)) continue;
      list.add(slice, n, Math.floor(random() * 10_000), [index]);
      expected.add(`${slice}/${index}#${n}`);
    }
    const granted: string[] = [];
    for (let now = 0; now <= 10_000; now += 250) granted.push(...drain(list, now));
    expect(granted).toHaveLength(expected.size);
    expect(new Set(granted)).toEqual(expected);
  });
});
