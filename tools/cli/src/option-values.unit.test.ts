import { describe, expect, it } from 'vitest';
import { moment } from './option-values.js';

const NOW = Date.UTC(2026, 10, 25);

describe('a moment', () => {
  it.each([
    ['hours from now', '+2h', NOW + 7_200_000],
    ['days, as the French write them', '3j', NOW + 3 * 86_400_000],
    ['with its offset', '2026-12-01T08:00:00+01:00', Date.UTC(2026, 11, 1, 7)],
    ['without seconds', '2026-12-01T08:00+01:00', Date.UTC(2026, 11, 1, 7)],
    ['in UTC', '2026-12-01T08:00:00Z', Date.UTC(2026, 11, 1, 8)],
  ])('%s', (_label, text, at) => {
    expect(moment('--at', text, NOW)).toBe(at);
  });

  it.each([
    ['without an offset it may be any hour', '2026-12-01T08:00:00', /offset/],
    ['the hour that does not exist, without an offset', '2026-03-29T02:30', /offset/],
    ['a day that does not exist is not the next one', '2026-02-30T08:00:00+01:00', /is not/],
    ['a month that does not exist', '2026-13-01T08:00:00Z', /is not/],
    ['an hour that does not exist', '2026-12-01T25:00:00Z', /is not/],
    ['words', 'demain', /is not/],
    ['a day alone', '2026-12-01', /is not/],
  ])('%s', (_label, text, said) => {
    expect(() => moment('--at', text, NOW)).toThrow(said);
  });
});
