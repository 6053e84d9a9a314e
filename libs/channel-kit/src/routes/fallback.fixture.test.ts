import { seededRandom } from '@tocsin/testing';
import { routeFactors } from './route-factors.js';
import { RoutePoints } from './route-points.js';
import { RouteTurns } from './route-turns.js';
import type { Verdict } from './verdict.js';

/** What a route is like from a moment on, ms. */
export interface Phase {
  readonly from: number;
  /** Part of its answers that are slow or failed. */
  readonly poor: number;
}

export interface SimulatedRoute {
  readonly weight: number;
  readonly standby?: boolean;
  readonly phases: readonly Phase[];
}

/** One second of a simulated channel. */
export interface Second {
  readonly attempts: readonly number[];
  readonly points: readonly number[];
}

/** Plays a channel's routes for so many seconds at a load a second: points, factors and turns as they work together, answers as the phases say. */
export function playFallback(routes: readonly SimulatedRoute[], perSecond: number, seconds: number, seed: number): Second[] {
  const random = seededRandom(seed);
  const points = new RoutePoints(routes.length);
  const weighted = routes.map(() => ({ weight: 0 }));
  const turns = new RouteTurns<{ weight: number }>();
  const views = routes.map(() => ({ usable: true, overdueMs: 0 }));
  return Array.from({ length: seconds }, (_, second) => {
    const parts = routes.map(({ weight, standby = false }, at) => ({ weight, standby, usable: true, points: points.points(at) }));
    routeFactors(parts).forEach((factor, at) => Object.assign(weighted[at] ?? {}, { weight: factor * (routes[at]?.weight ?? 0) }));
    const attempts = routes.map(() => 0);
    for (let item = 0; item < perSecond; item++) {
      const now = second * 1_000 + (item * 1_000) / perSecond;
      const [next] = turns.order(weighted.filter(({ weight }) => weight > 0));
      if (!next) break;
      const at = weighted.indexOf(next);
      turns.took(next, 1);
      attempts[at] = (attempts[at] ?? 0) + 1;
      const poor = routes[at]?.phases.findLast(({ from }) => from <= now)?.poor ?? 0;
      const verdict: Verdict = random() < poor ? (random() < 0.5 ? 'slow' : 'failed') : 'good';
      points.answered(at, verdict, now);
    }
    points.judge(views, second * 1_000 + 999);
    return { attempts, points: routes.map((_route, at) => points.points(at)) };
  });
}

/** Part of the attempts of some seconds that went by a route. */
export function partOf(seconds: readonly Second[], route: number): number {
  const all = seconds.reduce((sum, { attempts }) => sum + attempts.reduce((a, b) => a + b, 0), 0);
  return seconds.reduce((sum, { attempts }) => sum + (attempts[route] ?? 0), 0) / Math.max(all, 1);
}

/** How often the points of a route turned from falling to rising or back. */
export function turnings(seconds: readonly Second[], route: number): number {
  let [turned, direction] = [0, 0];
  seconds.forEach(({ points }, at) => {
    const step = Math.sign((points[route] ?? 0) - (seconds[at - 1]?.points[route] ?? points[route] ?? 0));
    if (step === 0) return;
    if (direction !== 0 && step !== direction) turned += 1;
    direction = step;
  });
  return turned;
}
