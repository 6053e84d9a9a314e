import { describe, expect, it } from 'vitest';
import { mostApartInASecond, partsOfWeight, unitsBetween, useBetween, worstOfWeights, type SharedUnit } from './sharing.js';

/** One unit every 2 ms, whose in turn. */
const inTurn = (turn: readonly string[], seconds: number): SharedUnit[] =>
  Array.from({ length: seconds * 500 }, (_, place) => ({ at: place * 2, of: turn[place % turn.length] ?? '' }));

describe('sharing at the provider', () => {
  it('counts the units of a time by whose they were, its end left out', () => {
    expect(unitsBetween(inTurn(['a', 'b'], 1), 0, 8)).toEqual(
      new Map([
        ['a', 2],
        ['b', 2],
      ]),
    );
  });

  it('finds nobody ahead where two take turns', () => {
    expect(mostApartInASecond(inTurn(['a', 'b'], 10), ['a', 'b'], 0, 10_000)).toBeLessThanOrEqual(1);
  });

  it('finds a burst in whatever second it lies', () => {
    const units = inTurn(['a', 'b'], 10).map((unit) => (unit.at >= 4_500 && unit.at < 4_600 ? { ...unit, of: 'a' } : unit));
    const most = mostApartInASecond(units, ['a', 'b'], 0, 10_000);
    expect(most).toBeGreaterThanOrEqual(49);
    expect(most).toBeLessThanOrEqual(51);
  });

  const weights = new Map([
    ['one', 1],
    ['two', 2],
    ['five', 5],
  ]);
  const eight = ['five', 'two', 'five', 'five', 'one', 'five', 'two', 'five'];

  it('measures each against its weight', () => {
    for (const part of partsOfWeight(inTurn(eight, 16), weights, 0, 16_000).values()) expect(part).toBeCloseTo(1, 2);
    expect(partsOfWeight(inTurn(['five'], 16), weights, 0, 16_000)).toEqual(
      new Map([
        ['one', 0],
        ['two', 0],
        ['five', 1.6],
      ]),
    );
  });

  it('sees a window in which somebody got too little', () => {
    expect(worstOfWeights(inTurn(eight, 20), weights, 0, 20_000, 10_000)).toBeLessThan(0.01);
    const late = inTurn(eight, 20).map((unit) => (unit.of === 'one' && unit.at > 12_000 ? { ...unit, of: 'two' } : unit));
    expect(worstOfWeights(late, weights, 0, 20_000, 10_000)).toBeGreaterThan(0.7);
  });

  it('says how much of the rate was used', () => {
    expect(useBetween(inTurn(['a'], 4), 500, 0, 4_000)).toBe(1);
    expect(useBetween(inTurn(['a'], 2), 500, 0, 4_000)).toBe(0.5);
  });
});
