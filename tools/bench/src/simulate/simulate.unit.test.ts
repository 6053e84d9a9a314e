import { describe, expect, it } from 'vitest';
import { simulate, type Run } from './dispatch.js';
import { DEFAULT_MODEL, type Policy, type SimulatedRelease } from './model.js';
import { quantile } from '../world/statistics.js';
import { excessOver, mostInASecond, unitsBetween } from './statistics.js';
import { distribution, svgChart } from './svg-chart.js';

const STANDARD = 2;

function release(tenant: string, at: number, contacts: number, more: Partial<SimulatedRelease> = {}): SimulatedRelease {
  return { tenant, at, contacts, cost: 1, weight: 1, lane: STANDARD, ...more };
}

function run(releases: readonly SimulatedRelease[], more: Partial<Run> = {}): Run {
  return { policy: 'fair', model: DEFAULT_MODEL, seed: 3, releases, ...more };
}

const CITY = release('city', 0, 20_000);
const COMMUNES = [release('a', 2_000, 50), release('b', 2_100, 300), release('c', 9_000, 20), release('a', 12_000, 50)];

describe('simulated dispatch', () => {
  it.each<Policy>(['fair', 'fifo', 'fair, channel not ordered by tag', 'fair, virtual time as granted'])(
    'submits every message once, at no more than the rate, with the provider in use throughout: %s',
    (policy) => {
      const releases = [CITY, ...COMMUNES, release('dear', 100, 400, { cost: 3 })];
      const simulated = simulate(run(releases, { policy }));
      const messages = releases.map((_, place) => simulated.submissions.filter((one) => one.release === place).length);
      expect(messages).toEqual(releases.map(({ contacts }) => contacts));
      const units = releases.reduce((sum, { contacts, cost }) => sum + contacts * cost, 0);
      expect(mostInASecond(simulated)).toBeLessThanOrEqual(DEFAULT_MODEL.rate * 1.02);
      expect(Math.max(...simulated.completions.map((at) => at ?? Infinity))).toBeLessThanOrEqual(
        (1.01 * units * 1_000) / DEFAULT_MODEL.rate + 100,
      );
    },
  );

  it('is the same again with the same seed, and not with another', () => {
    const releases = [CITY, ...COMMUNES];
    expect(simulate(run(releases))).toEqual(simulate(run(releases)));
    expect(simulate(run(releases, { seed: 4 }))).not.toEqual(simulate(run(releases)));
  });

  it('keeps communes near the fluid ideal when fair, and behind the city when not', () => {
    const places = COMMUNES.map((_, index) => index + 1);
    const worst = (policy: Policy): number => {
      const excess = excessOver([CITY, ...COMMUNES], places, simulate(run([CITY, ...COMMUNES], { policy })), DEFAULT_MODEL.rate);
      return Math.max(...excess.map((one) => one.excess));
    };
    expect(worst('fair')).toBeLessThan(150);
    expect(worst('fifo')).toBeGreaterThan(35_000);
  });

  it('gives a lane above its part and a spent budget the lane below', () => {
    const loud = release('loud', 0, 5_000, { lane: 0 });
    const quiet = release('quiet', 1_000, 100);
    const without = simulate(run([loud, quiet]));
    const budgeted = simulate(run([loud, quiet], { model: { ...DEFAULT_MODEL, budget: { capacity: 1_000, perSecond: 1 } } }));
    expect(without.completions[1]).toBeGreaterThan(9_500);
    expect(budgeted.completions[1]).toBeLessThan(3_000);
    expect(unitsBetween(budgeted, 0, 1_500).get(0)).toBeGreaterThan(740);
  });
});

describe('figures', () => {
  it('takes the nearest rank', () => {
    expect([quantile([3, 1, 2], 0.5), quantile([1, 2, 3, 4], 0.99), quantile([], 0.5)]).toEqual([2, 4, NaN]);
  });

  it('draws what it is given, escaped, within the axes', () => {
    const axis = { title: 'x < y & z', from: 1, to: 100, ticks: [1, 10, 100], log: true };
    const chart = { title: 't', x: axis, y: { title: 'y', from: 0, to: 10, ticks: [0, 10] } };
    const svg = svgChart({
      ...chart,
      series: [
        {
          label: 'a',
          points: [
            [10, 5],
            [1_000, 20],
          ],
          dash: '6 4',
        },
      ],
    });
    expect(svg).toContain('x &lt; y &amp; z');
    expect(svg).toContain('points="345,204 620,44" fill="none"');
    expect(svg).toContain('stroke-dasharray="6 4"');
  });

  it('thins a distribution but keeps its ends', () => {
    const points = distribution(Array.from({ length: 5_000 }, (_, index) => index));
    expect(points).toHaveLength(201);
    expect([points[0]?.[0], points.at(-1)]).toEqual([0, [4_999, 100]]);
  });
});
