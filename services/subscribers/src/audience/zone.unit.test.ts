import { describe, expect, it } from 'vitest';
import { compileZone } from './zone.js';

const ring = (...pairs: readonly (readonly [number, number])[]) => ({
  ring: pairs.map(([longitude, latitude]) => ({ longitude, latitude })),
});
const SQUARE = ring([0, 0], [2, 0], [2, 2], [0, 2], [0, 0]);
const circle = (points: number) =>
  ring(
    ...Array.from(
      { length: points },
      (_, index) =>
        [
          Math.cos((2 * Math.PI * (index % (points - 1))) / (points - 1)),
          Math.sin((2 * Math.PI * (index % (points - 1))) / (points - 1)),
        ] as const,
    ),
  );

describe('a zone', () => {
  it.each([
    { says: 'inside', at: [1, 1], inside: true },
    { says: 'outside', at: [3, 1], inside: false },
    { says: 'far away', at: [-90, 50], inside: false },
  ] as const)('$says', ({ at, inside }) => {
    expect(compileZone(SQUARE)({ longitude: at[0], latitude: at[1] })).toBe(inside);
  });

  it.each([
    { says: 'no point', zone: ring() },
    { says: 'two points', zone: ring([0, 0], [1, 1]) },
    { says: 'a ring that is open', zone: ring([0, 0], [2, 0], [2, 2], [0, 2]) },
    { says: 'a bow tie', zone: ring([0, 0], [2, 2], [2, 0], [0, 2], [0, 0]) },
    { says: 'a spike that runs back', zone: ring([0, 0], [2, 0], [4, 0], [2, 0], [2, 2], [0, 0]) },
    { says: 'a side that touches another', zone: ring([0, 0], [4, 0], [4, 4], [2, 0], [0, 4], [0, 0]) },
    { says: 'a line', zone: ring([0, 0], [1, 1], [2, 2], [0, 0]) },
    { says: 'latitude and longitude swapped beyond the pole', zone: ring([0, 100], [2, 100], [2, 102], [0, 100]) },
    { says: 'not a number', zone: ring([0, Number.NaN], [2, 0], [2, 2], [0, Number.NaN]) },
    { says: '10,001 points', zone: circle(10_001) },
  ])('refuses $says', ({ zone }) => {
    expect(() => compileZone(zone)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: 'INVALID_ZONE' }));
  });

  it('takes a point written twice, and 10,000 points in little time', () => {
    expect(() => compileZone(ring([0, 0], [2, 0], [2, 0], [2, 2], [0, 0]))).not.toThrow();
    const circled = circle(10_000);
    // The best of a few: the machine may do much else, and a way that is quadratic is slow every time.
    const times = Array.from({ length: 5 }, () => {
      const started = performance.now();
      compileZone(circled);
      return performance.now() - started;
    });
    expect(Math.min(...times)).toBeLessThan(500);
  });
});
