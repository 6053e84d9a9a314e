import { describe, expect, it } from 'vitest';
import { packIndices, unpackIndices } from './bitmap.js';
import { CAPACITY_MAX_AGE_MS, Shares, type LiveCapacity } from './shares.js';
import { GrantedWindow, MAX_WINDOW } from './window.js';

const live = (rate: number): LiveCapacity => ({ rate, roundTrip: 20, shares: [0, 1, 2, 3].map((share) => ({ share, rate: rate / 4 })) });

/** Five seconds of `rate` answered a second, each having waited `wait`, while the window held grants back. */
function seconds(window: GrantedWindow, configured: number, drained: number, wait: number, from = 0): void {
  for (let second = 1; second <= 5; second++) {
    for (let item = 0; item < drained; item++) window.answered(1, wait);
    window.heldBack();
    window.judge(live(configured), from + second * 1_000);
  }
}

describe('granted window', () => {
  it('covers the loop and no more: 80 to 130 at 500/s', () => {
    const size = new GrantedWindow().size(live(500));
    expect(size).toBeGreaterThanOrEqual(80);
    expect(size).toBeLessThanOrEqual(130);
  });

  it('has a bound, whatever a channel tells of itself', () => {
    expect(new GrantedWindow().size({ ...live(1_000_000), roundTrip: 60_000 })).toBe(MAX_WINDOW);
  });

  it.each([
    ['grows when the channel starves: slow, and nothing lay waiting', 300, 30, 'larger'],
    ['grows when a little of the rate is lost for good', 485, 30, 'larger'],
    ['stays when the rate is reached', 500, 30, 'same'],
    ['stays when the provider is slower than told and items lie waiting', 400, 400, 'same'],
    ['shrinks with the drain of a provider at a tenth', 50, 5_000, 'smaller'],
  ] as const)('%s', (_why, drained, wait, expected) => {
    const window = new GrantedWindow();
    window.judge(live(500), 0);
    const before = window.size(live(500));
    seconds(window, 500, drained, wait);
    const after = window.size(live(500));
    expect(after > before * 1.01 ? 'larger' : after < before * 0.99 ? 'smaller' : 'same').toBe(expected);
  });

  it('stays when a second is emptier because its answers came in the next one', () => {
    const window = new GrantedWindow();
    window.judge(live(500), 0);
    const before = window.size(live(500));
    for (let second = 1; second <= 12; second++) {
      for (let item = 0; item < (second % 2 === 0 ? 485 : 515); item++) window.answered(1, 30);
      window.heldBack();
      window.judge(live(500), second * 1_000);
    }
    expect(window.size(live(500))).toBe(before);
  });

  it('comes back once items lie in the channel', () => {
    const window = new GrantedWindow();
    window.judge(live(500), 0);
    const before = window.size(live(500));
    seconds(window, 500, 300, 30);
    for (let again = 1; again <= 4; again++) seconds(window, 500, 500, 900, again * 5_000);
    expect(window.size(live(500))).toBeCloseTo(before, 5);
  });
});

describe('shares', () => {
  const report = (instanceId: string, shares: number[], bound: boolean, rate = 100) => ({
    channel: 'sms',
    instanceId,
    shares,
    routes: [
      { routeId: 'a', bound, ratePerSecond: rate },
      { routeId: 'b', bound: false, ratePerSecond: 1_000 },
    ],
    held: [],
    drainRate: 0,
    roundTrip: 0,
    inDoubt: 0,
    reportedAt: 0,
  });

  it('are alive while their owner reports a bound route', () => {
    const shares = new Shares();
    shares.report(report('one', [0, 1], true), 1_000);
    shares.report(report('two', [2, 3], false), 1_000);
    expect(shares.live(1_500)).toEqual({
      shares: [
        { share: 0, rate: 50 },
        { share: 1, rate: 50 },
      ],
      rate: 100,
      roundTrip: 50,
    });
    expect(shares.live(1_000 + CAPACITY_MAX_AGE_MS).shares).toEqual([]);
  });

  it('belong to whoever reported last while they move', () => {
    const shares = new Shares();
    shares.report(report('one', [0, 1], true, 100), 1_000);
    shares.report(report('two', [1], true, 300), 1_200);
    expect(shares.live(1_300).shares).toEqual([
      { share: 0, rate: 50 },
      { share: 1, rate: 300 },
    ]);
  });

  it('do not come back through an old report read again', () => {
    const shares = new Shares();
    shares.report(report('one', [0], true), 1_000);
    shares.report(report('one', [], false), 2_000);
    shares.report(report('one', [0], true), 1_000);
    expect(shares.live(2_100).shares).toEqual([]);
  });
});

describe('indices of a slice', () => {
  it.each([[[]], [[0]], [[249]], [[0, 7, 8, 100, 249]]])('%j travel as a bitmap', (indices) => {
    expect(unpackIndices(packIndices(indices))).toEqual(indices);
    expect(packIndices(indices).length).toBeLessThanOrEqual(44);
  });
});
