import { describe, expect, it } from 'vitest';
import { completionBands, completionOf, type ChannelLoad } from './completion-band.js';
import type { LaneFlow } from './fluid-lanes.js';

const NOW = 1_764_000_000_000;
const STANDARD = 2;

function flow(id: string, units: number, more: Partial<LaneFlow> = {}): LaneFlow {
  return { lane: STANDARD, tenant: id, weight: 1, at: NOW, campaigns: [{ id, units }], ...more };
}

function load(more: Partial<ChannelLoad> = {}): ChannelLoad {
  return { at: NOW, rate: 500, drain: 0, drainDeviation: 0, drainSeenAt: NOW, againPart: 0, flows: [], arrivals: [], ...more };
}

/** Seconds from now. */
function band(units: number, on: ChannelLoad, more: Partial<LaneFlow> = {}, now = NOW): { p50: number; p95: number } {
  const found = completionOf('mine', flow('mine', units, more), on, now);
  return { p50: ((found?.p50 ?? NaN) - now) / 1_000, p95: ((found?.p95 ?? NaN) - now) / 1_000 };
}

describe('the band of a campaign to be released', () => {
  const city = flow('city', 150_000);

  it('holds what an idle channel takes', () => {
    const { p50, p95 } = band(10_000, load());
    expect(p50).toBeGreaterThan(18);
    expect(p50).toBeLessThan(20);
    expect(p95).toBeGreaterThan(21);
    expect(p95).toBeLessThan(25);
  });

  const rows: { why: string; than: () => number; later: () => number }[] = [
    { why: 'a city beside it', than: () => band(1_000, load()).p50, later: () => band(1_000, load({ flows: [city] })).p50 },
    {
      why: 'a severer lane before it',
      than: () => band(1_000, load({ flows: [city] })).p50,
      later: () => band(1_000, load({ flows: [{ ...city, lane: 1 }] })).p50,
    },
    {
      why: 'a heavier neighbour',
      than: () => band(1_000, load({ flows: [city] })).p50,
      later: () => band(1_000, load({ flows: [{ ...city, weight: 5 }] })).p50,
    },
    {
      why: 'the same tenant’s own campaign, which shares its weight',
      than: () => band(1_000, load({ flows: [city, flow('other', 9_000)] })).p50,
      later: () => band(1_000, load({ flows: [city, flow('mine too', 9_000, { tenant: 'mine' })] })).p50,
    },
    {
      why: 'a provider measured slower than it is configured',
      than: () => band(1_000, load()).p50,
      later: () => band(1_000, load({ drain: 300, drainDeviation: 5 })).p50,
    },
    { why: 'attempts that are made again', than: () => band(1_000, load()).p50, later: () => band(1_000, load({ againPart: 0.2 })).p50 },
    {
      why: 'a rate that varies, at the upper edge',
      than: () => band(5_000, load({ drain: 480, drainDeviation: 1 })).p95,
      later: () => band(5_000, load({ drain: 480, drainDeviation: 120 })).p95,
    },
    {
      why: 'others as they came lately, at the upper edge',
      than: () => band(5_000, load()).p95,
      later: () => band(5_000, load({ arrivals: [{ lane: STANDARD, perSecond: 0.2, units: 800 }] })).p95,
    },
    { why: 'its own pace', than: () => band(1_000, load()).p50, later: () => band(1_000, load(), { pace: 50 }).p50 },
  ];
  for (const row of rows) it(`is later for ${row.why}`, () => expect(row.later()).toBeGreaterThan(row.than() * 1.03));

  it('is not later for a less severe lane, nor for who comes into it', () => {
    const beside = load({ flows: [{ ...city, lane: 3 }], arrivals: [{ lane: 3, perSecond: 5, units: 9_000 }] });
    expect(band(1_000, beside)).toEqual(band(1_000, load()));
  });

  it('its lower edge does not imagine anybody', () => {
    const arrivals = [{ lane: 0, perSecond: 1, units: 5_000 }];
    expect(band(1_000, load({ arrivals })).p50).toBe(band(1_000, load()).p50);
  });

  it('who rarely comes does not widen the band of a short one', () => {
    const arrivals = [{ lane: STANDARD, perSecond: 1 / 600, units: 150_000 }];
    expect(band(500, load({ arrivals })).p95).toBe(band(500, load()).p95);
  });

  it('what was known some seconds ago has drained since', () => {
    const running = load({ flows: [flow('city', 5_000)] });
    expect(band(10_000, running, {}, NOW + 5_000).p50).toBeLessThan(band(10_000, running).p50 - 4);
  });

  it('begins at its time when it is scheduled', () => {
    const { p50 } = band(500, load({ flows: [flow('city', 5_000)] }), { at: NOW + 60_000 });
    expect(p50).toBeGreaterThan(60);
    expect(p50).toBeLessThan(61.2);
  });

  it('nobody says anything about a channel without a provider', () => {
    expect(completionOf('mine', flow('mine', 10), load({ rate: 0 }), NOW)).toBeUndefined();
    expect(completionBands(load({ rate: 0, flows: [city] }), NOW).size).toBe(0);
  });
});

describe('the bands of what runs', () => {
  it('each is later than the one that ends before it, and the upper edge above the lower', () => {
    const flows = [flow('alert', 500, { lane: 0 }), flow('small', 1_000), flow('big', 20_000), flow('bulk', 100, { lane: 3 })];
    const bands = completionBands(load({ flows, arrivals: [{ lane: STANDARD, perSecond: 0.01, units: 500 }] }), NOW);
    const order = ['alert', 'small', 'big', 'bulk'].map((id) => bands.get(id) ?? { p50: NaN, p95: NaN });
    for (const { p50, p95 } of order) expect(p95).toBeGreaterThan(p50);
    order.slice(1).forEach((one, place) => expect(one.p50).toBeGreaterThanOrEqual(order[place]?.p50 ?? NaN));
    expect(bands.size).toBe(4);
  });
});
