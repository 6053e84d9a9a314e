import { describe, expect, it } from 'vitest';
import { RateWindow } from './rate-window.js';

describe('the stand-in counts over a sliding second', () => {
  it('takes its rate and a tenth more at once, then nothing until the first is a second old', () => {
    const window = new RateWindow(10);
    const taken = Array.from({ length: 20 }, () => window.take(0)).filter(Boolean).length;
    expect(taken).toBe(11);
    expect(window.take(999)).toBe(false);
    expect(window.take(1000)).toBe(true);
  });

  it('never takes more than its window holds, wherever the second begins', () => {
    const window = new RateWindow(20);
    const stamps: number[] = [];
    for (let now = 0; now < 5000; now += 7) if (window.take(now)) stamps.push(now);
    for (const start of stamps) expect(stamps.filter((stamp) => stamp >= start && stamp < start + 1000).length).toBeLessThanOrEqual(22);
    expect(stamps.length).toBeGreaterThan(100);
  });

  it('starts anew when its rate is changed', () => {
    const window = new RateWindow(1);
    expect(window.take(0)).toBe(true);
    expect(window.take(1)).toBe(false);
    window.setRate(100);
    expect(window.take(2)).toBe(true);
  });
});
