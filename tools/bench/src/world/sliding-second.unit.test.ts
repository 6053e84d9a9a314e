import { describe, expect, it } from 'vitest';
import { firstFullSecond, fullestSecond, longestGap } from './sliding-second.js';

/** One every 100 ms from 0 on, and ten together at 2,550. */
const stamps = [...Array.from({ length: 50 }, (_, at) => at * 100), ...Array.from({ length: 10 }, () => 2_550)].toSorted((a, b) => a - b);

describe('seconds of a ledger', () => {
  it('are looked at from every stamp on, not by the clock', () => {
    expect(fullestSecond(stamps)).toBe(20);
    expect(fullestSecond(stamps, 0, 1_500)).toBe(10);
    expect(fullestSecond(stamps, 1_600, 1_700)).toBe(20);
    expect(fullestSecond([])).toBe(0);
    expect(fullestSecond([0, 999, 1_000])).toBe(2);
  });

  it('say when a rate was first reached', () => {
    expect(firstFullSecond(stamps, 0, 20)).toBe(2_500 + 50);
    expect(firstFullSecond(stamps, 3_000, 20)).toBeUndefined();
    expect(firstFullSecond(stamps, 0, 10)).toBe(900);
  });

  it('show the longest gap, the ends included', () => {
    expect(longestGap([10, 20, 70], 0, 100)).toBe(50);
    expect(longestGap([10, 20], 0, 100)).toBe(80);
    expect(longestGap([50], 0, 60)).toBe(50);
    expect(longestGap([5, 500], 0, 100)).toBe(95);
  });
});
