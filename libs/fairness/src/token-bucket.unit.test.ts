import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { burstOf, openBucket, paceOf, setRate, take, throttle, waitFor, type Bucket } from './token-bucket.js';

/** Sends items of these costs as early as the bucket lets them, for `ms`; answers what left and when. */
function send(bucket: Bucket, cost: (item: number) => number, ms: number): { units: number; times: number[]; bucket: Bucket } {
  let now = bucket.at;
  const end = now + ms;
  let units = 0;
  const times: number[] = [];
  for (let item = 0; ; item++) {
    const wait = waitFor(bucket, cost(item), now);
    if (now + wait > end) return { units, times, bucket };
    now += wait;
    bucket = take(bucket, cost(item), now);
    units += cost(item);
    times.push(now);
  }
}

describe('token bucket', () => {
  it('gives exactly its rate over a long run, plus the burst', () => {
    const { units } = send(openBucket(500, 0), () => 1, 10_000);
    expect(units).toBeGreaterThanOrEqual(5_000);
    expect(units).toBeLessThanOrEqual(5_000 + burstOf(500) + 1);
  });

  it('never gives more than rate x time + burst + one item in any stretch, whatever items cost', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 40 }),
        (rate, costs) => {
          const costOf = (item: number): number => costs[item % costs.length] ?? 1;
          const { times } = send(openBucket(rate, 0), costOf, 3_000);
          const largest = Math.max(...costs);
          for (let from = 0; from < times.length; from += 7) {
            let units = 0;
            for (let to = from; to < Math.min(times.length, from + 60); to++) {
              units += costOf(to);
              const seconds = ((times[to] ?? 0) - (times[from] ?? 0)) / 1000;
              expect(units).toBeLessThanOrEqual(rate * seconds + burstOf(rate) + largest + 1e-6);
            }
          }
        },
      ),
      { seed: 31, numRuns: 60 },
    );
  });

  it('makes an item wait the time of an item at most, not the rest of a second', () => {
    const { bucket, times } = send(openBucket(500, 0), () => 1, 300);
    expect(waitFor(bucket, 1, times.at(-1) ?? 0)).toBeLessThanOrEqual(2.001);
  });

  it('lets an item larger than the bucket leave on debt, once full', () => {
    const full = openBucket(10, 0);
    expect(waitFor(full, 4, 0)).toBe(0);
    const owing = take(full, 4, 0);
    expect(owing.tokens).toBe(-3);
    expect(waitFor(owing, 1, 0)).toBeCloseTo(400, 6);
  });

  it('halves on throttle and is whole again after five seconds', () => {
    const slow = throttle(openBucket(100, 0), 0);
    expect(paceOf(slow, 0)).toBe(50);
    expect(paceOf(slow, 2_500)).toBeCloseTo(75, 6);
    expect(paceOf(slow, 5_000)).toBe(100);
    expect(paceOf(throttle(slow, 0), 0)).toBe(25);
    // 5 s recovering from half are worth 3.75 s of the whole rate.
    expect(send(slow, () => 1, 5_001).units).toBe(375);
  });

  it('waits exactly as long as recovery makes it earn', () => {
    const slow = throttle(openBucket(100, 0), 0);
    const wait = waitFor(slow, 1, 0);
    expect(waitFor(slow, 1, wait * 0.999)).toBeGreaterThan(0);
    expect(waitFor(slow, 1, wait)).toBe(0);
  });

  it('is closed at rate 0 and opens when shares come', () => {
    const closed = take(openBucket(0, 0), 1, 0);
    expect(waitFor(closed, 1, 60_000)).toBe(Infinity);
    expect(waitFor(setRate(closed, 100, 60_000), 1, 60_000)).toBeCloseTo(10, 6);
  });
});
