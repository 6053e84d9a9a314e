import { describe, expect, it } from 'vitest';
import { FairLanes } from './fair-lanes.js';
import { FifoLanes } from './fifo-lanes.js';
import type { LaneOrder } from './lane-order.js';

const STANDARD = 2;

/** The campaigns of the next turns, each turn taken. */
function turns(lanes: LaneOrder, count: number): string[] {
  return Array.from({ length: count }, () => {
    const pick = lanes.pick();
    if (!pick) return '-';
    lanes.take(pick, 1);
    return pick.campaign;
  });
}

describe('first in, first out', () => {
  it('serves campaigns in the order of their release, each to its end', () => {
    const lanes = new FifoLanes(4);
    lanes.setBacklogged(STANDARD, 'ten_city', 'cmp_city', true);
    lanes.setBacklogged(STANDARD, 'ten_commune', 'cmp_commune', true);
    expect(turns(lanes, 3)).toEqual(['cmp_city', 'cmp_city', 'cmp_city']);
    lanes.setBacklogged(STANDARD, 'ten_city', 'cmp_city', false);
    expect(turns(lanes, 2)).toEqual(['cmp_commune', 'cmp_commune']);
  });

  it('keeps the place of a campaign that has nothing to take for a moment', () => {
    const lanes = new FifoLanes(4);
    lanes.setBacklogged(STANDARD, 'ten_city', 'cmp_city', true);
    lanes.setBacklogged(STANDARD, 'ten_commune', 'cmp_commune', true);
    lanes.setBacklogged(STANDARD, 'ten_city', 'cmp_city', false);
    expect(turns(lanes, 1)).toEqual(['cmp_commune']);
    lanes.setBacklogged(STANDARD, 'ten_city', 'cmp_city', true);
    expect(turns(lanes, 1)).toEqual(['cmp_city']);
  });

  it('keeps lanes strict and passes over one that is not admitted', () => {
    const lanes = new FifoLanes(4);
    lanes.setBacklogged(STANDARD, 'ten_a', 'cmp_news', true);
    lanes.setBacklogged(0, 'ten_b', 'cmp_flood', true);
    expect(turns(lanes, 1)).toEqual(['cmp_flood']);
    expect(lanes.pick((lane) => lane === STANDARD)?.campaign).toBe('cmp_news');
  });

  it('numbers its items upwards, across a restart and a replay too', () => {
    const lanes = new FifoLanes(4);
    lanes.setBacklogged(STANDARD, 'ten_a', 'cmp_a', true);
    const tagOf = (order: LaneOrder): number => {
      const pick = order.pick();
      if (!pick) throw new Error('nothing to take');
      return order.take(pick, 3);
    };
    const first = tagOf(lanes);
    const second = tagOf(lanes);
    expect(second).toBeGreaterThan(first);
    lanes.served(STANDARD, second);
    const restored = FifoLanes.restore(lanes.snapshot());
    restored.replay(STANDARD, 'ten_a', second + 5);
    restored.setBacklogged(STANDARD, 'ten_a', 'cmp_a', true);
    expect(tagOf(restored)).toBeGreaterThan(second + 5);
  });

  it('starts where a fair order ended, and the reverse', () => {
    const fair = new FairLanes(4);
    fair.setBacklogged(STANDARD, 'ten_a', 'cmp_a', true);
    const pick = fair.pick();
    if (!pick) throw new Error('nothing to take');
    fair.take(pick, 40);
    fair.served(STANDARD, 40);
    const fifo = FifoLanes.restore(fair.snapshot());
    fifo.setBacklogged(STANDARD, 'ten_a', 'cmp_a', true);
    expect(fifo.pick()?.tag).toBeGreaterThan(40);
    const again = FairLanes.restore(fifo.snapshot());
    again.setBacklogged(STANDARD, 'ten_a', 'cmp_a', true);
    expect(again.pick()).toMatchObject({ campaign: 'cmp_a', tag: 40 });
  });
});
