import { describe, expect, it } from 'vitest';
import { completionOf, type ChannelLoad, type CompletionBand, type LaneFlow } from '@tocsin/fairness';
import { thinned } from './thinned-flows.js';

const NOW = 1_764_000_000_000;

function flows(count: number): LaneFlow[] {
  return Array.from({ length: count }, (_, at) => ({
    lane: at % 4,
    tenant: `t${at}`,
    weight: 1 + (at % 5),
    at: NOW,
    campaigns: [{ id: `c${at}`, units: 20 + ((at * 7_919) % 3_000) }],
  }));
}

const load = (some: readonly LaneFlow[]): ChannelLoad => ({
  at: NOW,
  rate: 500,
  drain: 0,
  drainDeviation: 0,
  drainSeenAt: 0,
  againPart: 0,
  flows: some,
  arrivals: [],
});

describe('a load of thousands, thinned', () => {
  it('is foreseen as the whole is', () => {
    const whole = flows(5_000);
    const few = thinned(whole, 'me');
    expect(few.length).toBeLessThan(500);
    for (const units of [50, 500, 5_000]) {
      for (const lane of [0, 2]) {
        const mine: LaneFlow = { lane, tenant: 'me', weight: 2, at: NOW, campaigns: [{ id: 'mine', units }] };
        const [all, some] = [whole, few].map((one) => completionOf('mine', mine, load(one), NOW)) as [CompletionBand, CompletionBand];
        expect(Math.abs(some.p50 - all.p50) / (all.p50 - NOW)).toBeLessThan(0.03);
        expect(Math.abs(some.p95 - all.p95) / (all.p95 - NOW)).toBeLessThan(0.03);
      }
    }
  });

  it('keeps the own tenant and whatever has a pace, and all units', () => {
    const whole = [...flows(1_000), { ...(flows(1)[0] as LaneFlow), tenant: 'paced', pace: 3 }];
    const few = thinned(whole, 't7');
    expect(few.some(({ tenant }) => tenant === 't7')).toBe(true);
    expect(few.some(({ pace }) => pace === 3)).toBe(true);
    const units = (some: readonly LaneFlow[]): number =>
      some.reduce((sum, { campaigns }) => sum + campaigns.reduce((all, one) => all + one.units, 0), 0);
    expect(units(few)).toBe(units(whole));
  });

  it('leaves a usual load as it is', () => {
    const some = flows(300);
    expect(thinned(some, 'me')).toBe(some);
  });
});
