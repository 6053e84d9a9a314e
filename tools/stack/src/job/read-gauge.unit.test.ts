import { describe, expect, it } from 'vitest';
import { sumSeries } from './read-gauge.js';

const TEXT = [
  '# HELP tocsin_channel_in_doubt x',
  'tocsin_channel_in_doubt 7',
  'tocsin_channel_in_doubt_limit 256',
  'tocsin_bound{route="a"} 1',
  'tocsin_bound{route="b"} 2',
].join('\n');

describe('a metric as a service exposes it', () => {
  const rows = [
    { says: 'one series', name: 'tocsin_channel_in_doubt', value: 7 },
    { says: 'a longer name is another metric', name: 'tocsin_channel_in_doubt_limit', value: 256 },
    { says: 'all series of a metric with labels', name: 'tocsin_bound', value: 3 },
    { says: 'none is zero', name: 'tocsin_missing', value: 0 },
  ];
  it.each(rows)('$says', ({ name, value }) => {
    expect(sumSeries(TEXT, name)).toBe(value);
  });
});
