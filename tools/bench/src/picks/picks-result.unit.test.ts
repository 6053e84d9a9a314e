import { describe, expect, it } from 'vitest';
import { makePicksResult } from './picks-result.js';

const machine = { cores: 2, cpu: 'some', node: '24', memMiB: 1 };

describe('result of picks', () => {
  it('gives medians, and the growth as the median of ratios taken round by round', () => {
    const round = (tenants: number, perSecond: number, perCpuSecond: number) => ({ tenants, perSecond, perCpuSecond });
    const result = makePicksResult(
      machine,
      100,
      [10, 5_000],
      [
        round(10, 8e6, 8e6),
        round(5_000, 2e6, 4e6),
        round(10, 1e6, 6e6),
        round(5_000, 1e6, 2e6),
        round(10, 9e6, 9e6),
        round(5_000, 3e6, 3e6),
      ],
    );
    expect(result.figures).toEqual([
      { tenants: 10, perSecond: 8e6, slowest: 1e6, fastest: 9e6, perCpuSecond: 8e6 },
      { tenants: 5_000, perSecond: 2e6, slowest: 1e6, fastest: 3e6, perCpuSecond: 3e6 },
    ]);
    expect(result).toMatchObject({ rounds: 3, growth: 3, met: true });
  });

  it('says when the target is missed at the most tenants', () => {
    const rounds = [10, 5_000].map((tenants) => ({ tenants, perSecond: tenants === 10 ? 5e6 : 999_999, perCpuSecond: 5e6 }));
    expect(makePicksResult(machine, 100, [10, 5_000], rounds).met).toBe(false);
  });
});
