import { describe, expect, it } from 'vitest';
import type { DemoTenant } from './demo-tenant.js';
import { excessSeconds, expectedDurationMs, idealCompletion, planReleases } from './release-plan.js';

const tenant = (insee: string, kind: DemoTenant['kind'], sms: number, email = 0): DemoTenant => ({
  key: insee,
  insee,
  name: insee,
  kind,
  file: '',
  recipients: sms + email,
  deliveries: { sms, email },
  stops: [],
});
const RATES = { sms: 500, email: 150 };
const tenants = [
  tenant('city', 'city', 130_000, 30_000),
  tenant('t1', 'town', 5_000),
  tenant('t2', 'town', 5_000),
  tenant('c1', 'commune', 20),
];

describe('the plan of releases', () => {
  it('expects the slowest channel to decide', () => {
    expect(expectedDurationMs(tenants, RATES)).toBeCloseTo(280_040);
  });

  it('releases the city at once and the others at 10 to 80 % of its run, the towns together', () => {
    const planned = planReleases(tenants, RATES, 7);
    const after = (insee: string): number => planned.find((release) => release.tenant.insee === insee)?.afterMs ?? -1;
    expect(after('city')).toBe(0);
    expect(after('t1')).toBe(after('t2'));
    for (const insee of ['t1', 'c1']) {
      expect(after(insee)).toBeGreaterThanOrEqual(28_004);
      expect(after(insee)).toBeLessThanOrEqual(224_032);
    }
  });

  it('is the same again for the same seed and another for another', () => {
    expect(planReleases(tenants, RATES, 3)).toEqual(planReleases(tenants, RATES, 3));
    expect(planReleases(tenants, RATES, 3)).not.toEqual(planReleases(tenants, RATES, 4));
  });
});

describe('the ideal completion', () => {
  it('is decided by the slower of its channels', () => {
    const ideal = idealCompletion([{ insee: 'a', at: 1_000, deliveries: { sms: 500, email: 300 } }], RATES);
    expect(ideal.get('a')).toBeCloseTo(3_000);
  });

  const rows = [
    { says: 'a small one has ten seconds', actual: 9, ideal: 0.2, excess: -1 },
    { says: 'a large one has 1.2 times its ideal', actual: 25, ideal: 20, excess: 1 },
  ];
  it.each(rows)('$says', ({ actual, ideal, excess }) => {
    expect(excessSeconds(actual, ideal)).toBeCloseTo(excess);
  });
});
