import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { routeFactors, type RoutePart } from './route-factors.js';

const main = (points: number, weight = 500, usable = true): RoutePart => ({ weight, points, usable, standby: false });
const spare = (points: number, weight = 300, usable = true): RoutePart => ({ weight, points, usable, standby: true });

describe('what routes are used at', () => {
  it.each<[string, RoutePart[], number[]]>([
    ['one route alone: in full, whatever its points', [main(30)], [1]],
    ['one route alone without points: in full', [main(0)], [1]],
    ['two at rest: both in full', [main(100), main(100)], [1, 1]],
    ['one that lost half: at half', [main(50), main(100)], [0.5, 1]],
    ['the best in full when all have lost', [main(20), main(40)], [0.5, 1]],
    ['one without points: a trickle', [main(0), main(100)], [0.02, 1]],
    ['a large one without points: a trickle of what the others carry', [main(0, 9_000), main(100, 1_000)], [0.02 / 9, 1]],
    ['none that cannot be used', [main(100, 500, false), main(100)], [0, 1]],
    ['all without points: all in full, since none is better', [main(0), main(0)], [1, 1]],
    ['a standby at rest: not at all', [main(100), spare(100)], [1, 0]],
    ['a standby for a main route that is gone', [main(100, 500, false), spare(100)], [0, 1]],
    ['a standby for what the main route lacks', [main(40), spare(100)], [0.4, 0.6]],
    ['a standby for a main route without points', [main(0), spare(100)], [0.02 * (300 / 500), 1]],
    ['a standby that fails too: not beside a main route', [main(60), spare(0)], [1, 0.02]],
    ['everything gone', [main(100, 500, false), spare(100, 300, false)], [0, 0]],
  ])('%s', (_says, parts, factors) => {
    routeFactors(parts).forEach((factor, at) => expect(factor).toBeCloseTo(factors[at] ?? -1, 6));
  });

  const part = fc.record({
    weight: fc.integer({ min: 1, max: 10_000 }),
    points: fc.integer({ min: 0, max: 10 }).map((tens) => tens * 10),
    usable: fc.boolean(),
    standby: fc.boolean(),
  });

  it('always leave a channel one route in use, and never more than a trickle on one without points beside one with all', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const factors = routeFactors(parts);
        const used = parts.some((one) => one.usable);
        expect(factors.some((factor) => factor > 0.009)).toBe(used);
        for (const factor of factors) expect(factor >= 0 && factor <= 1).toBe(true);
        expect(parts.flatMap((one, at) => (one.usable ? [] : [factors[at]])).every((factor) => factor === 0)).toBe(true);
        if (!parts.some((one) => one.usable && !one.standby && one.points === 100)) return;
        const carried = parts.reduce((sum, one, at) => sum + one.weight * (factors[at] ?? 0), 0);
        const trickles = parts.flatMap((one, at) => (one.points === 0 ? [one.weight * (factors[at] ?? 0)] : []));
        expect(Math.max(0, ...trickles)).toBeLessThanOrEqual(0.021 * carried);
      }),
      { numRuns: 500 },
    );
  });
});
