import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { HeldWindow } from './held-window.js';
import { heldItem } from './held-item.fixture.test.js';
import type { HeldItem } from './held-item.js';

function drain(window: HeldWindow, allowed: (share: number) => boolean = () => true): HeldItem[] {
  const items: HeldItem[] = [];
  for (let item = window.peek(allowed); item; item = window.peek(allowed)) {
    window.take(item);
    items.push(item);
  }
  return items;
}

const anyItem = fc
  .record({
    lane: fc.constantFrom(Lane.LIFE_SAFETY, Lane.URGENT, Lane.STANDARD, Lane.BULK),
    tag: fc.integer({ min: 0, max: 5 }),
    share: fc.integer({ min: 0, max: 3 }),
  })
  .map((change) => heldItem(change));

describe('held window', () => {
  it('serves what a floor let pass in the place it was given, before the severer item whose turn it took', () => {
    const window = new HeldWindow();
    const severe = [0, 1, 2].map((tag) => heldItem({ lane: Lane.LIFE_SAFETY, tag, arrival: 10 + tag }));
    const passed = heldItem({ lane: Lane.BULK, tag: 7, orderLane: Lane.LIFE_SAFETY, orderTag: 1, arrival: 5 });
    const waits = heldItem({ lane: Lane.BULK, tag: 0, arrival: 1 });
    for (const item of [...severe, waits, passed]) window.push(item);
    expect(drain(window)).toEqual([severe[0], passed, severe[1], severe[2], waits]);
  });

  it('gives items by lane, then tag, then arrival, whatever their share', () => {
    fc.assert(
      fc.property(fc.array(anyItem, { maxLength: 60 }), (items) => {
        const window = new HeldWindow();
        const numbered = items.map((item, arrival) => ({ ...item, arrival }));
        for (const item of numbered) window.push(item);
        const order = (a: HeldItem, b: HeldItem): number => a.lane - b.lane || a.tag - b.tag || a.arrival - b.arrival;
        expect(drain(window).map((item) => item.arrival)).toEqual(numbered.toSorted(order).map((item) => item.arrival));
        expect(window.size).toBe(0);
      }),
      { seed: 4 },
    );
  });

  it('passes over a share that is full, and only that one', () => {
    const window = new HeldWindow();
    window.push(heldItem({ share: 1, tag: 1, index: 1 }));
    window.push(heldItem({ share: 2, tag: 2, index: 2 }));
    expect(drain(window, (share) => share !== 1).map((item) => item.index)).toEqual([2]);
    expect(window.countOf(1)).toBe(1);
  });

  it('takes out what matches and keeps the order of the rest', () => {
    const window = new HeldWindow();
    for (let index = 0; index < 100; index++) window.push(heldItem({ index, tag: (index * 37) % 100, share: index % 3 }));
    expect(window.removeWhere((item) => item.index % 2 === 0)).toHaveLength(50);
    const rest = drain(window).map((item) => item.tag);
    expect(rest).toHaveLength(50);
    expect(rest).toEqual(rest.toSorted((a, b) => a - b));
  });
});
