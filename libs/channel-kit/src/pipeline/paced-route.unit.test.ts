import { describe, expect, it } from 'vitest';
import { seededRandom } from '@tocsin/testing';
import type { RouteDriver } from '../channel.js';
import { PacedRoute } from './paced-route.js';

const RATE = 500;
const SHARES = 4;

function route(change: Partial<RouteDriver> = {}): PacedRoute {
  const driver: RouteDriver = {
    routeId: 'r',
    provider: 'p',
    ratePerSecond: RATE,
    window: 20,
    start: () => Promise.resolve(),
    setShares: () => Promise.resolve(),
    bound: () => true,
    submit: () => Promise.resolve({ kind: 'accepted', providerIds: [], code: '' }),
    stop: () => Promise.resolve(),
    ...change,
  };
  return new PacedRoute(driver, SHARES, 0);
}

describe('what operators say of a route', () => {
  it('pauses it, and changes its rate until the settings count again', () => {
    const paced = route();
    paced.setShares([0, 1], 0);
    const seen = [undefined, 100, undefined].map((rate) => {
      paced.control(rate === 100, rate, 0);
      return [paced.rate(), paced.bucket.rate(0), paced.bound(), paced.paused];
    });
    expect(seen).toEqual([
      [250, 250, true, false],
      [50, 50, false, true],
      [250, 250, true, false],
    ]);
  });
});

describe('what an instance may send on a route', () => {
  const rows: { says: string; driver: Partial<RouteDriver>; owned: number[]; rate: number; inFlight: number }[] = [
    { says: 'the whole rate with all shares', driver: {}, owned: [0, 1, 2, 3], rate: 500, inFlight: 80 },
    { says: 'half of it with half of them', driver: {}, owned: [1, 3], rate: 250, inFlight: 40 },
    { says: 'nothing without a share', driver: {}, owned: [], rate: 0, inFlight: 0 },
    { says: 'all of it over two binds in all', driver: { binds: 2 }, owned: [0, 1, 2, 3], rate: 500, inFlight: 40 },
    { says: 'half of it with one of two binds in all', driver: { binds: 2 }, owned: [1, 2, 3], rate: 250, inFlight: 20 },
    {
      says: 'half of it with all shares and two binds of its own',
      driver: { bindsPerInstance: 2 },
      owned: [0, 1, 2, 3],
      rate: 250,
      inFlight: 40,
    },
    { says: 'its shares where it may have more binds', driver: { bindsPerInstance: 3 }, owned: [0, 1], rate: 250, inFlight: 40 },
  ];
  it.each(rows)('is $says', ({ driver, owned, rate, inFlight }) => {
    const paced = route(driver);
    paced.setShares(owned, 0);
    expect(paced.rate()).toBe(rate);
    let started = 0;
    for (let share = 0; share < SHARES; share++) for (; paced.mayTake(share); started++) paced.started(share);
    expect(started).toBe(inFlight);
  });
});

/** Takes as fast as it may whenever it wakes, a few ms late as an event loop is, now and then by a collection of 20 ms. */
class Instance {
  readonly paced = route();
  readonly #random: () => number;
  #wakesAt = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  at(now: number, sent: number[]): void {
    if (now < this.#wakesAt) return;
    while (this.paced.bucket.ready(now)) {
      this.paced.bucket.take(1, now);
      sent.push(now);
    }
    const late = this.#random() < 0.01 ? 20 : this.#random() * 4;
    this.#wakesAt = now + this.paced.bucket.waitMs(now) + late;
  }
}

describe('shares that move between two instances', () => {
  /** ms: who owns which shares from then on. The second one dies at 6 s, is found out at 8 s and comes back at 10 s. */
  const moves = new Map<number, readonly [readonly number[] | 'dead', readonly number[] | 'dead']>([
    [0, [[0, 1, 2, 3], 'dead']],
    [
      3_000,
      [
        [0, 1],
        [2, 3],
      ],
    ],
    [6_000, [[0, 1], 'dead']],
    [8_000, [[0, 1, 2, 3], 'dead']],
    [
      10_000,
      [
        [0, 2],
        [1, 3],
      ],
    ],
  ]);

  it.each([1, 2, 3, 4, 5])('never send more than the rate and 2 % in any sliding second (seed %i)', (seed) => {
    const instances = [new Instance(seed), new Instance(seed + 100)];
    const alive = [true, false];
    const sent: number[] = [];
    for (let now = 0; now < 14_000; now++) {
      moves.get(now)?.forEach((owned, place) => {
        alive[place] = owned !== 'dead';
        if (owned !== 'dead') instances[place]?.paced.setShares(owned, now);
      });
      instances.forEach((instance, place) => alive[place] && instance.at(now, sent));
    }
    const most = sent.map((at, index) => sent.findLastIndex((other) => other < at + 1_000) - index + 1);
    expect(Math.max(...most)).toBeLessThanOrEqual(RATE * 1.02);
    const steady = sent.filter((at) => at >= 3_000 && at < 6_000).length / 3;
    expect(steady).toBeGreaterThan(RATE * 0.97);
  });
});
