import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairLanes } from './fair-lanes.js';
import { fluidCompletion } from './fluid.js';
import { fluidLanes, type FluidProvider, type LaneFlow } from './fluid-lanes.js';

const NOW = 1_764_000_000_000;

function flow(id: string, units: number, more: Partial<LaneFlow> = {}): LaneFlow {
  return { lane: 2, weight: 1, at: NOW, campaigns: [{ id, units }], ...more };
}

describe('fluid sharing with lanes, paces and later arrivals', () => {
  it('refuses what is no number: it would never end', () => {
    expect(() => fluidLanes([flow('a', 10, { weight: Number.NaN })], { rate: 100 }, NOW)).toThrow(RangeError);
    expect(() => fluidLanes([flow('a', Number.NaN)], { rate: 100 }, NOW)).toThrow(RangeError);
    expect(() => fluidLanes([flow('a', 10, { weight: 0 })], { rate: 100 }, NOW)).toThrow(RangeError);
  });

  const rows: { why: string; flows: LaneFlow[]; provider?: Partial<FluidProvider>; expected: Record<string, number> }[] = [
    { why: 'a lone campaign takes its units over the rate', flows: [flow('a', 500)], expected: { a: 5 } },
    {
      why: 'a severer lane goes first',
      flows: [flow('news', 100, { lane: 3 }), flow('alert', 200, { lane: 0 })],
      expected: { alert: 2, news: 3 },
    },
    {
      why: 'a severer lane that comes later interrupts',
      flows: [flow('news', 300, { lane: 3 }), flow('alert', 100, { lane: 0, at: NOW + 1_000 })],
      expected: { alert: 2, news: 4 },
    },
    {
      why: 'weights divide 1 : 3',
      flows: [flow('a', 100), flow('b', 300, { weight: 3 })],
      expected: { a: 4, b: 4 },
    },
    {
      why: 'a tenant’s campaigns take turns inside its share',
      flows: [
        flow('x', 0, {
          campaigns: [
            { id: 'small', units: 50 },
            { id: 'big', units: 150 },
          ],
        }),
        flow('other', 200),
      ],
      expected: { small: 2, big: 4, other: 4 },
    },
    {
      why: 'a pace below the share leaves the rest to the others',
      flows: [flow('slow', 100, { pace: 10 }), flow('quick', 180)],
      expected: { quick: 2, slow: 10 },
    },
    {
      why: 'a pace above the share changes nothing until there is room',
      flows: [flow('paced', 100, { pace: 80 }), flow('quick', 50)],
      expected: { quick: 1, paced: 1 + 50 / 80 },
    },
    {
      why: 'a paced severe lane leaves the rest to those below',
      flows: [flow('alert', 50, { lane: 0, pace: 25 }), flow('news', 150)],
      expected: { alert: 2, news: 2 },
    },
    {
      why: 'a floor holds back its part for a lane below',
      flows: [flow('alert', 160, { lane: 0 }), flow('news', 40, { lane: 3 })],
      provider: { floors: [0, 0, 0, 0.2] },
      expected: { alert: 2, news: 2 },
    },
    {
      why: 'a floor without work holds nothing back',
      flows: [flow('alert', 200, { lane: 0 })],
      provider: { floors: [0, 0, 0, 0.2] },
      expected: { alert: 2 },
    },
    { why: 'nothing to send is complete at once', flows: [flow('none', 0)], expected: { none: 0 } },
    { why: 'what can never move has no completion', flows: [flow('stuck', 10, { pace: 0 })], expected: {} },
  ];
  for (const row of rows) {
    it(row.why, () => {
      const done = fluidLanes(row.flows, { rate: 100, ...row.provider }, NOW);
      expect([...done.keys()].sort()).toEqual(Object.keys(row.expected).sort());
      for (const [id, seconds] of Object.entries(row.expected)) expect((done.get(id) ?? NaN) - NOW).toBeCloseTo(seconds * 1_000, 1);
    });
  }

  const tenant = fc.record({ units: fc.integer({ min: 1, max: 200_000 }), weight: fc.integer({ min: 1, max: 100 }), at: fc.nat(20_000) });

  it('says the same as the ideal of one lane without paces', () => {
    fc.assert(
      fc.property(fc.array(tenant, { minLength: 1, maxLength: 50 }), (some) => {
        const releases = some.map(({ units, weight, at }, index) => ({ id: `t${index}`, at: NOW + at, amount: units, weight }));
        const ideal = fluidCompletion(releases, 333);
        const flows = releases.map(({ id, at, amount, weight }) => flow(id, amount, { at, weight }));
        const done = fluidLanes(flows, { rate: 333 }, NOW);
        for (const [id, at] of ideal) expect(done.get(id)).toBeCloseTo(at, 0);
      }),
      { seed: 41 },
    );
  });

  it('is work conserving over lanes: the last one ends when everything is done', () => {
    const campaign = fc.record({ units: fc.integer({ min: 1, max: 9_000 }), weight: fc.integer({ min: 1, max: 9 }), lane: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(campaign, { minLength: 1, maxLength: 60 }), (some) => {
        const done = fluidLanes(
          some.map((one, index) => flow(`t${index}`, one.units, one)),
          { rate: 250, floors: [0, 0, 0.1, 0.05] },
          NOW,
        );
        const total = some.reduce((sum, one) => sum + one.units, 0);
        expect((Math.max(...done.values()) - NOW) / 1_000).toBeCloseTo(total / 250, 3);
      }),
      { seed: 42 },
    );
  });

  it('is what the scheduler does: the last item of each campaign leaves within a turn of every tenant of it', () => {
    const one = fc.record({ units: fc.integer({ min: 1, max: 400 }), weight: fc.integer({ min: 1, max: 5 }), lane: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 12 }), (some) => {
        const lanes = new FairLanes(4);
        const left = some.map(({ units }) => units);
        some.forEach(({ lane, weight }, index) => {
          lanes.addFlow(lane, `t${index}`, weight);
          lanes.setBacklogged(lane, `t${index}`, `c${index}`, true);
        });
        const actual = new Map<string, number>();
        for (let sent = 1, pick = lanes.pick(); pick; pick = lanes.pick(), sent++) {
          const index = Number(pick.campaign.slice(1));
          lanes.take(pick, 1);
          left[index] = (left[index] ?? 0) - 1;
          if (left[index] > 0) continue;
          lanes.setBacklogged(pick.lane, pick.tenant, pick.campaign, false);
          actual.set(pick.campaign, sent);
        }
        const done = fluidLanes(
          some.map(({ units, weight, lane }, index) => flow(`c${index}`, units, { lane, weight })),
          { rate: 1 },
          NOW,
        );
        const bound = some.reduce((sum, { weight }) => sum + Math.max(1, weight), 0) + some.length;
        for (const [id, at] of actual) expect(Math.abs(at - ((done.get(id) ?? NaN) - NOW) / 1_000)).toBeLessThanOrEqual(bound);
      }),
      { seed: 43 },
    );
  });

  it('all campaigns of 5,000 tenants, some of them paced, have a completion', () => {
    const flows = Array.from({ length: 5_000 }, (_, index) =>
      flow('', 0, {
        lane: index % 4,
        weight: 1 + (index % 5),
        ...(index % 50 === 0 ? { pace: 0.5 } : {}),
        campaigns: [
          { id: `a${index}`, units: 100 + index },
          { id: `b${index}`, units: 50 },
        ],
      }),
    );
    expect(fluidLanes(flows, { rate: 500 }, NOW).size).toBe(10_000);
  });
});
