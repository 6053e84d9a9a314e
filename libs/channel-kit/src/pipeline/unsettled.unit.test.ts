import { describe, expect, it } from 'vitest';
import { heldItem } from './held-item.fixture.test.js';
import { Unsettled } from './unsettled.js';

describe('unsettled items', () => {
  it('are found by delivery and attempt number, whichever item asks', () => {
    const unsettled = new Unsettled();
    const item = heldItem({ slice: 1, index: 249, n: 1 });
    unsettled.add(item);
    expect(unsettled.find(heldItem({ slice: 1, index: 249, n: 1 }))).toBe(item);
    for (const other of [
      { slice: 2, index: 249 },
      { slice: 1, index: 248 },
      { slice: 1, index: 249, n: 2 },
      { slice: 1, index: 0, n: 2 },
    ])
      expect(unsettled.find(heldItem(other))).toBeUndefined();
  });

  it('are counted once each, and one that has been replaced does not take its successor away', () => {
    const unsettled = new Unsettled();
    const [first, second] = [heldItem({ index: 3 }), heldItem({ index: 3 })];
    unsettled.add(first);
    unsettled.add(second);
    expect(unsettled.size).toBe(1);
    unsettled.remove(first);
    expect(unsettled.find(first)).toBe(second);
    unsettled.remove(second);
    unsettled.remove(second);
    expect(unsettled.size).toBe(0);
  });
});
