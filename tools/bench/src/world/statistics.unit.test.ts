import { describe, expect, it } from 'vitest';
import { median, quantile } from './statistics.js';

describe('the median', () => {
  const rows = [
    { says: 'nothing', values: [], expected: 0 },
    { says: 'the middle one', values: [9, 1, 3], expected: 3 },
    { says: 'the mean of the two in the middle', values: [4, 1, 2, 9], expected: 3 },
  ];
  it.each(rows)('is $says', ({ values, expected }) => {
    expect(median(values)).toBe(expected);
  });
});

describe('a quantile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  const rows = [
    { says: 'the nearest rank of a hundred', values: hundred, part: 0.99, expected: 99 },
    { says: 'the greatest when asked for all', values: hundred, part: 1, expected: 100 },
    { says: 'the only one', values: [7], part: 0.5, expected: 7 },
    { says: 'none of none', values: [], part: 0.5, expected: NaN },
  ];
  it.each(rows)('is $says', ({ values, part, expected }) => {
    expect(quantile(values, part)).toBe(expected);
  });
});
