import { seededRandom } from '@tocsin/testing';
import { describe, expect, it } from 'vitest';
import { communeSize, SIZE_LAWS } from './commune-size.js';

describe('the size of a commune', () => {
  it.each(SIZE_LAWS)('is 20 to 500 under the law %s', (law) => {
    expect(communeSize(law, 0)).toBe(20);
    expect(communeSize(law, 1 - 1e-9)).toBeGreaterThanOrEqual(499);
    expect(communeSize(law, 1 - 1e-9)).toBeLessThanOrEqual(500);
  });

  it('has the mean that the result states', () => {
    const random = seededRandom(3);
    const meanOf = (law: (typeof SIZE_LAWS)[number]): number =>
      Array.from({ length: 20_000 }, () => communeSize(law, random())).reduce((sum, size) => sum + size, 0) / 20_000;
    expect(meanOf('pareto')).toBeGreaterThan(64);
    expect(meanOf('pareto')).toBeLessThan(70);
    expect(meanOf('uniform')).toBeGreaterThan(255);
    expect(meanOf('uniform')).toBeLessThan(265);
  });
});
