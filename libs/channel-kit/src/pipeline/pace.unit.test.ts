import { describe, expect, it } from 'vitest';
import { Lane } from '@tocsin/contracts/common/v1/common';
import type { RouteDriver } from '../channel.js';
import { heldItem } from './held-item.fixture.test.js';
import { HeldWindow } from './held-window.js';
import { nextTurn } from './pace.js';
import { PacedRoute } from './paced-route.js';
import { RouteTurns } from '../routes/route-turns.js';

interface Provider {
  readonly paced: PacedRoute;
  bound: boolean;
}

function provider(routeId: string, ratePerSecond: number): Provider {
  const made = { bound: true } as { bound: boolean; paced: PacedRoute };
  const driver: RouteDriver = {
    routeId,
    provider: routeId,
    ratePerSecond,
    window: 20,
    start: () => Promise.resolve(),
    setShares: () => Promise.resolve(),
    bound: () => made.bound,
    submit: () => Promise.resolve({ kind: 'accepted', providerIds: [], code: '' }),
    stop: () => Promise.resolve(),
  };
  made.paced = new PacedRoute(driver, 1, 0);
  made.paced.setShares([0], 0);
  return made;
}

/** Serves what is held over the routes until a moment (ms), and says how many went where. */
function serve(window: HeldWindow, routes: readonly Provider[], from: number, until: number): Record<string, number> {
  const taken: Record<string, number> = {};
  const turns = new RouteTurns<PacedRoute>();
  for (let now = from; now < until;) {
    const turn = nextTurn(
      window,
      routes.map(({ paced }) => paced),
      turns,
      () => true,
      now,
    );
    if ('waitMs' in turn) {
      now += Math.max(1, Math.min(turn.waitMs, until));
      continue;
    }
    window.take(turn.item);
    turn.route.bucket.take(1, now);
    turns.took(turn.route, 1);
    taken[turn.route.driver.routeId] = (taken[turn.route.driver.routeId] ?? 0) + 1;
  }
  return taken;
}

function held(count: number): HeldWindow {
  const window = new HeldWindow();
  for (let at = 0; at < count; at++) window.push(heldItem({ index: at, tag: at, arrival: at, lane: Lane.STANDARD }));
  return window;
}

describe('two routes of one channel', () => {
  it('share by what each may carry', () => {
    const [large, small] = [provider('large', 300), provider('small', 100)];
    const taken = serve(held(2_000), [large, small], 0, 2_000);
    expect((taken['large'] ?? 0) / (taken['small'] ?? 1)).toBeCloseTo(3, 0);
  });

  it('leave everything to the one that lives when a provider goes, and use it again when it is back', () => {
    const [first, second] = [provider('first', 200), provider('second', 200)];
    const window = held(2_000);
    first.bound = false;
    const without = serve(window, [first, second], 0, 2_000);
    expect(without['first']).toBeUndefined();
    expect(without['second']).toBeGreaterThan(390);
    first.bound = true;
    expect(serve(window, [first, second], 2_000, 4_000)['first']).toBeGreaterThan(390);
  });

  it('wait without spinning while no provider is there', () => {
    const gone = provider('gone', 200);
    gone.bound = false;
    const turn = nextTurn(held(1), [gone.paced], new RouteTurns(), () => true, 0);
    expect('waitMs' in turn && turn.waitMs >= 100).toBe(true);
  });

  it('let a throttled provider rest while the other goes on, at half its rate afterwards', () => {
    const [throttled, other] = [provider('throttled', 200), provider('other', 200)];
    throttled.paced.bucket.throttle(0);
    throttled.paced.notBefore = 100;
    const first = serve(held(2_000), [throttled, other], 0, 100);
    expect(first['throttled']).toBeUndefined();
    const second = serve(held(2_000), [throttled, other], 100, 600);
    expect(second['throttled']).toBeGreaterThan(50);
    expect(second['throttled']).toBeLessThan(70);
    expect(second['other']).toBeGreaterThan(95);
  });
});

describe('a turn in which nothing goes', () => {
  it('says whether only time can change that, or an answer and a grant as well', () => {
    const { paced } = provider('a', 10);
    const turn = (window: HeldWindow, now: number) => nextTurn(window, [paced], new RouteTurns(), () => true, now);
    expect(turn(held(0), 0)).toEqual({ waitMs: Infinity, paced: false });
    paced.bucket.take(1, 0);
    expect(turn(held(1), 0)).toEqual({ waitMs: expect.closeTo(100) as number, paced: true });
    for (let count = 0; count < 20; count++) paced.started(0);
    expect(turn(held(1), 1_000)).toEqual({ waitMs: Infinity, paced: false });
    paced.ended(0);
    expect(turn(held(1), 1_000)).toHaveProperty('item');
  });
});
