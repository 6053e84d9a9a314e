import { describe, expect, it } from 'vitest';
import { Scrape } from './scrape.js';

describe('figures of a process', () => {
  const now = '# HELP a x\n# TYPE a counter\na{lane="bulk",channel="s\\"ms"} 7\na{lane="urgent",channel="sms"} 2\nplain 1.5\nempty NaN\n';

  it('are read by name and labels', () => {
    const scrape = new Scrape(now);
    expect(scrape.sum('a')).toBe(9);
    expect(scrape.series('a', { lane: 'urgent' })).toEqual([{ name: 'a', labels: { lane: 'urgent', channel: 'sms' }, value: 2 }]);
    expect([scrape.sum('plain'), scrape.sum('unknown')]).toEqual([1.5, 0]);
  });

  it('grow between two looks, and a restart makes nothing negative', () => {
    expect(new Scrape(now, 'a{lane="bulk"} 3\na{lane="urgent"} 1\n').grew('a')).toBe(5);
    expect(new Scrape('a 1\n', 'a 40\n').grew('a')).toBe(0);
    expect(new Scrape(now).grew('a')).toBe(0);
  });
});
