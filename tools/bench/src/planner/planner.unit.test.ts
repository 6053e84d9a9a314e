import { describe, expect, it } from 'vitest';
import { mixOf } from './mixes.js';
import { plannerFigures, plannerTargets } from './planner-figures.js';
import { simulatedPlanner } from './simulated-planner.js';

describe('the error of the planner', () => {
  const sample = (mix: number, actual: number): Parameters<typeof plannerFigures>[0][number] => ({
    mix,
    at: 0,
    p50: 1_000,
    p95: 2_000,
    actual,
  });

  it('counts what lies within, before and after, by sample and by mix', () => {
    const figures = plannerFigures([sample(1, 1_000), sample(1, 2_000), sample(2, 999), sample(3, 2_001), sample(4, 1_500)]);
    expect(figures).toMatchObject({ samples: 5, mixes: 4, withinBand: 0.6, before: 0.2, after: 0.2, mixesWithinBand: 0.5, bandRatio: 2 });
  });

  it('holds releases nobody foresaw against the target, and asks for fifty mixes', () => {
    const good = Array.from({ length: 100 }, (_, place) => sample(place % 50, 1_500));
    expect(plannerTargets(plannerFigures(good), 5).withinBand.met).toBe(true);
    expect(plannerTargets(plannerFigures(good), 15).withinBand).toMatchObject({ target: 0.9, met: false });
    expect(plannerTargets(plannerFigures(good.filter(({ mix }) => mix > 0)), 0).withinBand.met).toBe(false);
    const one = plannerTargets(plannerFigures([...good, ...[0, 1, 2, 3, 4, 5].map((mix) => sample(mix, 3_000))]), 0);
    expect([one.withinBand.met, one.mixesWithinBand.met]).toEqual([true, false]);
  });

  it('of nothing is nothing', () => expect(plannerFigures([])).toMatchObject({ samples: 0, withinBand: 0, mixesWithinBand: 0 }));
});

describe('mixes', () => {
  it('the same seed gives the same mix, another one another', () => {
    expect(mixOf(7)).toEqual(mixOf(7));
    expect(mixOf(7)).not.toEqual(mixOf(8));
  });

  it('each asks about somebody while something runs', () => {
    for (let seed = 0; seed < 100; seed++) {
      const releases = mixOf(seed);
      expect(releases.some(({ asked }) => asked)).toBe(true);
      expect(releases[0]?.asked).toBe(false);
    }
  });
});

describe('the planner in simulated time', () => {
  it('is right about 100 random mixes: at least 90 % within the band, hardly ever before or after it', () => {
    const figures = plannerFigures(simulatedPlanner(7, 100));
    expect(figures.withinBand).toBeGreaterThanOrEqual(0.9);
    expect(figures.before).toBeLessThanOrEqual(0.05);
    expect(figures.after).toBeLessThanOrEqual(0.05);
    expect(figures.relativeErrorP50).toBeLessThan(0.2);
  });
});
