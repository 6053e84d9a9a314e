import { describe, expect, it } from 'vitest';
import { ArrivalMeter } from './arrival-meter.js';
import { DrainMeter } from './drain-meter.js';
import { poisson95 } from './poisson.js';

const NOW = 1_764_000_000_000;
const MINUTE = 60_000;

describe('what comes into a lane', () => {
  it('a steady stream is measured as it is', () => {
    const meter = new ArrivalMeter(4, NOW);
    for (let at = 0; at < 30 * MINUTE; at += 10_000) meter.arrived(2, 400, NOW + at);
    const [lane] = meter.lately(NOW + 30 * MINUTE);
    expect(lane?.lane).toBe(2);
    expect(lane?.perSecond).toBeCloseTo(0.1, 2);
    expect(lane?.units).toBeCloseTo(400, 6);
  });

  it('one arrival right after the start makes no storm', () => {
    const meter = new ArrivalMeter(4, NOW);
    meter.arrived(1, 100, NOW + 1_000);
    expect(meter.lately(NOW + 2_000)[0]?.perSecond).toBeLessThan(1 / 240);
  });

  it('what was stopped counts for what it sent', () => {
    const meter = new ArrivalMeter(4, NOW);
    for (let count = 0; count < 10; count++) {
      meter.arrived(2, 150_000, NOW + count * 1_000);
      meter.gaveUp(2, 149_000, NOW + count * 1_000 + 500);
    }
    const [lane] = meter.lately(NOW + 10_000);
    expect(lane?.units).toBeGreaterThan(900);
    expect(lane?.units).toBeLessThan(1_100);
    meter.gaveUp(2, 1e9, NOW + 11_000);
    expect(meter.lately(NOW + 12_000)[0]?.units).toBe(0);
  });

  it('an old storm is forgotten, and a lane nobody uses says nothing', () => {
    const meter = new ArrivalMeter(4, NOW);
    for (let count = 0; count < 100; count++) meter.arrived(2, 100, NOW);
    expect(meter.lately(NOW + 3 * 60 * MINUTE)).toEqual([]);
  });
});

describe('what a provider takes', () => {
  function run(meter: DrainMeter, from: number, seconds: number, perSecond: (second: number) => number, backlog = true): number {
    for (let second = 0; second < seconds; second++) {
      for (let step = 1; step <= 4; step++) {
        meter.handedOver(perSecond(second) / 4, false);
        meter.look(from + second * 1_000 + step * 250, backlog);
      }
    }
    return from + seconds * 1_000;
  }

  it('mean and deviation of busy seconds', () => {
    const meter = new DrainMeter();
    const end = run(meter, NOW, 200, (second) => (second % 4 < 2 ? 480 : 520));
    expect(meter.lately(end).mean).toBeCloseTo(500, -1);
    expect(meter.lately(end).deviation).toBeGreaterThan(12);
    expect(meter.lately(end).deviation).toBeLessThan(25);
  });

  it('seconds without a backlog say nothing about the provider', () => {
    const meter = new DrainMeter();
    const busy = run(meter, NOW, 20, () => 500);
    const end = run(meter, busy, 60, () => 3, false);
    expect(meter.lately(end).mean).toBeCloseTo(500, 0);
  });

  it('nothing is known before some busy seconds, nor long after the last', () => {
    const meter = new DrainMeter();
    expect(meter.lately(run(meter, NOW, 2, () => 500)).mean).toBe(0);
    const end = run(meter, NOW + 10_000, 20, () => 500);
    expect(meter.lately(end + 11 * MINUTE).mean).toBe(0);
  });

  it('follows a provider that slows down within half a minute', () => {
    const meter = new DrainMeter();
    const end = run(
      meter,
      run(meter, NOW, 60, () => 500),
      30,
      () => 100,
    );
    expect(meter.lately(end).mean).toBeLessThan(130);
  });

  it('the part of other attempts', () => {
    const meter = new DrainMeter();
    for (let at = 0; at < 120_000; at += 250) {
      meter.handedOver(80, false);
      meter.handedOver(20, true);
      meter.look(NOW + at, true);
    }
    expect(meter.lately(NOW + 120_000).againPart).toBeCloseTo(0.2, 2);
  });
});

describe('how many come in 19 of 20 cases', () => {
  for (const [mean, most] of [
    [0, 0],
    [0.05, 0],
    [0.06, 1],
    [1, 3],
    [10, 15],
    [100, 117],
    [400, 433],
  ] as const) {
    it(`${mean} expected: ${most} at most`, () => expect(poisson95(mean)).toBe(most));
  }
});
