import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fluidCompletion } from './fluid.js';

describe('fluid fair sharing', () => {
  const rows: { why: string; releases: Parameters<typeof fluidCompletion>[0]; rate: number; expected: Record<string, number> }[] = [
    {
      why: 'a lone release takes its amount over the rate',
      releases: [{ id: 'a', at: 1_000, amount: 500, weight: 1 }],
      rate: 500,
      expected: { a: 2_000 },
    },
    {
      why: 'two halves while both run, all for who is left',
      releases: [
        { id: 'city', at: 0, amount: 1_000, weight: 1 },
        { id: 'commune', at: 0, amount: 100, weight: 1 },
      ],
      rate: 100,
      expected: { commune: 2_000, city: 11_000 },
    },
    {
      why: 'a late one shares from its arrival only',
      releases: [
        { id: 'city', at: 0, amount: 1_000, weight: 1 },
        { id: 'late', at: 5_000, amount: 50, weight: 1 },
      ],
      rate: 100,
      expected: { late: 6_000, city: 10_500 },
    },
    {
      why: 'weights divide the rate 1 : 3',
      releases: [
        { id: 'a', at: 0, amount: 100, weight: 1 },
        { id: 'b', at: 0, amount: 300, weight: 3 },
      ],
      rate: 100,
      expected: { a: 4_000, b: 4_000 },
    },
    { why: 'nothing to send is complete at its start', releases: [{ id: 'a', at: 7, amount: 0, weight: 1 }], rate: 1, expected: { a: 7 } },
    {
      why: 'a gap without work costs nobody anything',
      releases: [
        { id: 'a', at: 0, amount: 10, weight: 1 },
        { id: 'b', at: 60_000, amount: 10, weight: 1 },
      ],
      rate: 10,
      expected: { a: 1_000, b: 61_000 },
    },
  ];
  for (const row of rows) {
    it(row.why, () => {
      const done = fluidCompletion(row.releases, row.rate);
      expect([...done.keys()].sort()).toEqual(Object.keys(row.expected).sort());
      for (const [id, at] of Object.entries(row.expected)) expect(done.get(id)).toBeCloseTo(at, 3);
    });
  }

  it('is work conserving: releases that start together end when the whole is done', () => {
    const release = fc.record({ amount: fc.integer({ min: 1, max: 10_000 }), weight: fc.integer({ min: 1, max: 100 }) });
    fc.assert(
      fc.property(fc.array(release, { minLength: 1, maxLength: 60 }), (some) => {
        const done = fluidCompletion(
          some.map((one, index) => ({ id: `r${index}`, at: 0, ...one })),
          250,
        );
        const total = some.reduce((sum, one) => sum + one.amount, 0);
        expect(Math.max(...done.values())).toBeCloseTo((total / 250) * 1000, 1);
      }),
      { seed: 21 },
    );
  });
});
