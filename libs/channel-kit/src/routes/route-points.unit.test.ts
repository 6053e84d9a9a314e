import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partOf, playFallback, turnings, type SimulatedRoute } from './fallback.fixture.test.js';
import { RoutePoints } from './route-points.js';

const good: SimulatedRoute = { weight: 500, phases: [] };

/** Bad from second 20 on, good again from `until`. */
function bad(poor: number, until: number, weight = 500): SimulatedRoute {
  return {
    weight,
    phases: [
      { from: 20_000, poor },
      { from: until * 1_000, poor: 0 },
    ],
  };
}

/** What may befall one route of several: how bad, how heavy, how much is sent, beside how many others. */
const misfortune = fc.record({
  poor: fc.double({ min: 0.5, max: 1, noNaN: true }),
  weight: fc.integer({ min: 50, max: 2_000 }),
  others: fc.array(fc.integer({ min: 50, max: 2_000 }), { minLength: 1, maxLength: 3 }),
  perSecond: fc.integer({ min: 5, max: 600 }),
  seed: fc.integer(),
});

describe('points of routes', () => {
  it('bring 95 % of the attempts to the good ones within a minute, keep them there without flip-flop, and drift back', () => {
    fc.assert(
      fc.property(misfortune, ({ poor, weight, others, perSecond, seed }) => {
        const routes = [bad(poor, 320, weight), ...others.map((one): SimulatedRoute => ({ weight: one, phases: [] }))];
        const seconds = playFallback(routes, perSecond, 700, seed);
        expect(partOf(seconds.slice(80, 320), 0)).toBeLessThanOrEqual(0.05);
        // Tried anew now and then, ever more seldom: never to and fro.
        expect(turnings(seconds.slice(20, 320), 0)).toBeLessThanOrEqual(8);
        for (const place of others.keys()) expect(turnings(seconds, place + 1)).toBe(0);
        expect(seconds.at(-1)?.points[0]).toBe(100);
      }),
      { numRuns: 60 },
    );
  });

  it('change nothing while all routes are slow', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 20, max: 600 }), fc.integer(), (count, perSecond, seed) => {
        const slow: SimulatedRoute = { weight: 500, phases: [{ from: 0, poor: 1 }] };
        const seconds = playFallback(
          Array.from({ length: count }, () => slow),
          perSecond,
          120,
          seed,
        );
        expect(seconds.every(({ points }) => points.every((one) => one === 100))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('are not lost by a route as bad as three in ten by chance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 600 }), fc.integer(), (perSecond, seed) => {
        const seconds = playFallback([{ weight: 500, phases: [{ from: 0, poor: 0.1 }] }, good], perSecond, 300, seed);
        expect(seconds.every(({ points }) => points[0] === 100)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('follow the trouble from one route to the other', () => {
    const second: SimulatedRoute = { weight: 500, phases: [{ from: 120_000, poor: 1 }] };
    const seconds = playFallback([bad(1, 110), second], 300, 240, 1);
    expect(partOf(seconds.slice(80, 110), 0)).toBeLessThan(0.05);
    expect(partOf(seconds.slice(200, 240), 1)).toBeLessThan(0.05);
  });

  it('hand over to a standby and take back from it', () => {
    const standby: SimulatedRoute = { weight: 300, standby: true, phases: [] };
    const seconds = playFallback([bad(1, 150), standby], 200, 400, 3);
    expect(partOf(seconds.slice(0, 20), 1)).toBe(0);
    expect(partOf(seconds.slice(80, 150), 1)).toBeGreaterThan(0.95);
    expect(partOf(seconds.slice(390), 1)).toBe(0);
  });

  it('are lost by a route that is silent, without one answer', () => {
    const points = new RoutePoints(2);
    for (let second = 0; second < 30; second++) {
      points.answered(1, 'good', second * 1_000);
      points.judge(
        [
          { usable: true, overdueMs: 500 },
          { usable: true, overdueMs: 0 },
        ],
        second * 1_000 + 500,
      );
    }
    expect([points.points(0), points.points(1)]).toEqual([0, 100]);
  });

  it('start low beside others when a circuit has closed, and in full where there is no other', () => {
    const [several, alone] = [new RoutePoints(2), new RoutePoints(1)];
    several.restarted(0, 1_000);
    alone.restarted(0, 1_000);
    expect([several.points(0), alone.points(0)]).toEqual([10, 100]);
  });
});
