import { describe, expect, it } from 'vitest';
import { seededRandom } from '@tocsin/testing';
import { TokenBucket } from './token-bucket.js';

/** Takes whenever it may, asking every `stepMs`; answers what passed. */
function drain(bucket: TokenBucket, from: number, until: number, stepMs: number, cost = 1): number {
  let passed = 0;
  for (let now = from; now < until; now += stepMs) {
    while (bucket.ready(now)) {
      bucket.take(cost, now);
      passed += cost;
    }
  }
  return passed;
}

describe('token bucket', () => {
  it.each([
    ['500/s of single items', 500, 1, 2, 10_000],
    ['500/s asked only every 9 ms', 500, 1, 9, 10_000],
    ['3 segments an item', 50, 3, 5, 20_000],
    ['one item every two seconds', 0.5, 1, 10, 40_000],
  ])('keeps the rate over time: %s', (_label, rate, cost, step, ms) => {
    const passed = drain(new TokenBucket(rate, 0), 0, ms, step, cost);
    const burst = Math.max(rate * 0.01, 1) + cost;
    expect(passed).toBeLessThanOrEqual((rate * ms) / 1_000 + burst);
    expect(passed).toBeGreaterThanOrEqual((rate * ms) / 1_000 - cost);
  });

  it.each([
    ['500/s, timers up to 4 ms late', 500, 4],
    ['125/s, a quarter of a route', 125, 4],
    ['20/s, a slow bind', 20, 10],
  ])('loses nothing to an event loop that is late: %s', (_label, rate, late) => {
    const random = seededRandom(7);
    const bucket = new TokenBucket(rate, 0);
    const sent: number[] = [];
    for (let now = 0; now < 20_000; now += bucket.waitMs(now) + random() * late) {
      for (; bucket.ready(now); sent.push(now)) bucket.take(1, now);
    }
    expect(sent.length / 20).toBeGreaterThan(rate * 0.99);
    const most = sent.map((at, index) => sent.findLastIndex((other) => other < at + 1_000) - index + 1);
    expect(Math.max(...most)).toBeLessThanOrEqual(Math.ceil(rate * 1.012 + 1));
  });

  it('makes good what a stall of 12 ms lost, and no more, at one and a half times the rate', () => {
    const bucket = new TokenBucket(500, 0);
    drain(bucket, 0, 1_000, 1);
    expect(drain(bucket, 1_060, 1_060.5, 1)).toBe(5);
    expect(drain(bucket, 1_061, 1_161, 1)).toBeLessThanOrEqual(50 + 3);
  });

  it('saves up 1 % of a second at most', () => {
    const bucket = new TokenBucket(500, 0);
    expect(drain(bucket, 60_000, 60_000.5, 1)).toBeLessThanOrEqual(6);
  });

  it('lets an item of any cost go and waits off the debt', () => {
    const bucket = new TokenBucket(10, 0);
    bucket.take(6, 0);
    expect(bucket.ready(0)).toBe(false);
    expect(bucket.waitMs(0)).toBeCloseTo(600);
    expect(bucket.ready(601)).toBe(true);
  });

  it('lets one item go where the burst is one, not a second on its heels', () => {
    const bucket = new TokenBucket(0.5, 0);
    bucket.take(1, 0);
    expect(bucket.ready(100)).toBe(false);
    expect(bucket.ready(2_000)).toBe(true);
  });

  it('halves when throttled, once for a burst of answers, and is back after seconds', () => {
    const bucket = new TokenBucket(100, 0);
    for (let answer = 0; answer < 20; answer++) bucket.throttle(1_000 + answer);
    expect(bucket.rate(1_020)).toBeGreaterThan(49);
    expect(bucket.rate(1_020)).toBeLessThan(52);
    expect(drain(bucket, 1_020, 2_020, 1)).toBeLessThan(75);
    expect(bucket.rate(4_000)).toBe(100);
  });

  it('passes nothing at rate 0 and takes a new rate at once', () => {
    const bucket = new TokenBucket(0, 0);
    expect(bucket.ready(10_000)).toBe(false);
    expect(bucket.waitMs(10_000)).toBe(Infinity);
    bucket.setRate(100, 10_000);
    expect(drain(bucket, 10_000, 11_000, 1)).toBeGreaterThan(98);
  });
});
