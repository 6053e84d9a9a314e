import { beforeEach, describe, expect, it } from 'vitest';
import { createLogger, createMetrics } from '@tocsin/observability';
import type { RouteDriver } from '../channel.js';
import { NO_FIGURES } from '../figures.fixture.test.js';
import { channelMetrics } from '../metrics.js';
import { PacedRoute } from '../pipeline/paced-route.js';
import { RouteWatcher } from './route-watcher.js';

const REFUSED = { kind: 'failed', reason: 'UNKNOWN_ANSWER', code: '' } as const;
/** ms between two looks. */
const LOOK_MS = 50;

describe('circuits of a channel', () => {
  let now: number;
  let watcher: RouteWatcher;
  /** When the link of each route was tested, s. */
  let tests: { route: string; at: number }[];

  const open = (...ids: string[]): PacedRoute[] => {
    const driver = (routeId: string): RouteDriver => ({
      routeId,
      provider: 'p',
      ratePerSecond: 10,
      window: 8,
      start: () => Promise.resolve(),
      setShares: () => Promise.resolve(),
      bound: () => true,
      submit: () => Promise.resolve(REFUSED),
      testLink: () => Promise.resolve({ ok: true, code: '' }),
      stop: () => Promise.resolve(),
    });
    const routes = ids.map((id) => new PacedRoute(driver(id), 1, now));
    for (const route of routes) route.setShares([0], now);
    watcher = new RouteWatcher({
      routes,
      clock: { now: () => now, monotonic: () => now },
      logger: createLogger({ service: 'test', instanceId: 'test', level: 'error' }),
      metrics: channelMetrics(createMetrics(), ids, NO_FIGURES),
      testLink: ({ driver }) => {
        tests.push({ route: driver.routeId, at: Math.round(now / 1_000) });
        return Promise.resolve(true);
      },
      changed: () => undefined,
    });
    return routes;
  };

  beforeEach(() => {
    now = 0;
    tests = [];
  });

  /** Refuses everything a route is given until so many ms. */
  const refuse = async (routes: readonly PacedRoute[], until: number): Promise<void> => {
    for (; now < until; now += LOOK_MS) {
      for (const route of routes) if (route.usable()) for (let one = 0; one < 10; one++) watcher.answered(route, REFUSED, { started: now });
      watcher.look();
      await Promise.resolve();
      await Promise.resolve();
    }
  };

  it('is tried every 3 s at the longest while no route can be used', async () => {
    await refuse(open('only'), 20_000);
    expect(tests.map(({ at }) => at)).toEqual([2, 5, 8, 11, 14, 17]);
  });

  it('is tried ever more seldom while another carries', async () => {
    const [broken] = open('broken', 'well');
    await refuse(broken ? [broken] : [], 40_000);
    expect(tests).toEqual([2, 6, 14, 30].map((at) => ({ route: 'broken', at })));
  });

  it('of two routes that are both broken is tried every 3 s', async () => {
    await refuse(open('first', 'second'), 12_000);
    expect(tests.filter(({ route }) => route === 'first').map(({ at }) => at)).toEqual([2, 5, 8, 11]);
  });
});
