import { describe, expect, it } from 'vitest';
import { excesses, excessFigures, type SeenCampaign } from './excess.js';

const RATE = 500;
const campaign = (id: string, calledAt: number, units: number, completedAt?: number): SeenCampaign => ({
  id,
  calledAt,
  units,
  weight: 1,
  firstAt: completedAt === undefined ? undefined : calledAt + 90,
  completedAt,
});

describe('the excess of a commune beside a city', () => {
  const city = campaign('city', 0, 150_000);

  it('is measured from what half the rate would take', () => {
    const [one] = excesses([campaign('a', 10_000, 250, 11_100)], [city], RATE);
    expect(one).toEqual({ units: 250, idealMs: 1_000, tookMs: 1_100, firstMs: 90, excessMs: 100, ofAllowed: 100 / 300 });
  });

  it('may be a tenth of a long ideal', () => {
    const [one] = excesses([campaign('a', 10_000, 2_500, 21_000)], [city], RATE);
    expect(one).toMatchObject({ idealMs: 10_000, excessMs: 1_000, ofAllowed: 1 });
  });

  it('counts the others in the ideal, and leaves out who was not completed', () => {
    const both = [campaign('a', 10_000, 250, 11_500), campaign('b', 10_000, 250)];
    expect(excesses(both, [city], RATE)).toEqual([{ units: 250, idealMs: 1_500, tookMs: 1_500, firstMs: 90, excessMs: 0, ofAllowed: 0 }]);
  });
});

describe('the figures of many excesses', () => {
  it('are quantiles of all of them together', () => {
    const all = Array.from({ length: 100 }, (_, place) => {
      const excessMs = place + 1;
      return { units: 20, idealMs: 100, tookMs: 100 + excessMs, firstMs: excessMs, excessMs, ofAllowed: excessMs / 300 };
    });
    expect(excessFigures(all)).toEqual({
      samples: 100,
      idealMsP50: 100,
      tookMsP50: 150,
      firstMsP50: 50,
      firstMsP99: 99,
      excessMsP50: 50,
      excessMsP99: 99,
      excessMsMax: 100,
      ofAllowedP99: 0.33,
      ofAllowedMax: 0.33,
    });
  });
});
