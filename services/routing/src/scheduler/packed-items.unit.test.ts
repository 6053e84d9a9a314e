import { describe, expect, it } from 'vitest';
import type { SliceItem } from '@tocsin/contracts/routing/v1/plans';
import { seededRandom } from '@tocsin/testing';
import { PackedItems } from './packed-items.js';

/** A slice of a channel that some of its recipients cannot be reached on: indices have gaps, boxes any length, domains only here and there. */
function someItems(seed: number): SliceItem[] {
  const random = seededRandom(seed);
  const bytes = (most: number): Buffer =>
    Buffer.from(Array.from({ length: Math.floor(random() * most) }, () => Math.floor(random() * 256)));
  const items = Array.from({ length: 250 }, (_, index) => ({
    index,
    box: bytes(200),
    addressHash: Buffer.alloc(16, index),
    domainHash: index % 3 === 0 ? bytes(9) : Buffer.alloc(0),
    cost: 1 + Math.floor(random() * 5),
    n: 1,
  }));
  return items.filter(() => random() < 0.7);
}

describe('packed items', () => {
  it.each([1, 2, 3])('are what was put in, at each place and by index (seed %i)', (seed) => {
    const items = someItems(seed);
    const packed = new PackedItems(items);
    expect(Array.from({ length: packed.length }, (_, place) => packed.at(place, 1))).toEqual(items);
    for (const item of items) expect(packed.at(packed.placeOf(item.index), 2)).toEqual({ ...item, n: 2 });
    const missing = Array.from({ length: 260 }, (_, index) => index).filter((index) => !items.some((item) => item.index === index));
    for (const index of missing) expect(packed.placeOf(index)).toBe(-1);
  });

  it('end where they end', () => {
    const packed = new PackedItems(someItems(4));
    expect(packed.at(packed.length, 1)).toBeUndefined();
    expect(packed.at(-1, 1)).toBeUndefined();
    expect(packed.indexAt(packed.length)).toBe(Infinity);
    expect(new PackedItems([]).at(0, 1)).toBeUndefined();
  });

  it('keep their own bytes: what they were read from may go', () => {
    const box = Buffer.from('sealed');
    const packed = new PackedItems([{ index: 0, box, addressHash: box, domainHash: box, cost: 1, n: 1 }]);
    box.fill(0);
    expect(packed.at(0, 1)?.box.toString()).toBe('sealed');
  });
});
