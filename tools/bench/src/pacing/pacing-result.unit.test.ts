import { describe, expect, it } from 'vitest';
import type { Doubling } from './doubling.js';
import { makePacingResult, type PacingFacts } from './pacing-result.js';

/** A stamp every `every` ms in [from, to). */
function steady(from: number, to: number, every: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / every) }, (_, at) => from + at * every);
}

const DOUBLED: Doubling = {
  before: 250,
  secondsToLimit: 4,
  longestGapSeconds: 0.3,
  rebalances: 1,
  othersRestarted: [],
  othersRebalanced: [],
  from: 30_000,
  to: 31_000,
};

function facts(change: Partial<PacingFacts> = {}): PacingFacts {
  const used = new Map([
    ['routing', 2],
    ['channel-sms', 3],
    ['kafka', 9],
  ]);
  return {
    machine: { cores: 2, cpu: 'x', node: '24', memMiB: 1 },
    ground: {},
    contacts: 150_000,
    ratePerSecond: 500,
    setUpSeconds: 60,
    idle: { seconds: 100, used },
    services: ['routing', 'channel-sms'],
    rounds: [
      {
        phases: [
          { name: 'one', from: 0, to: 10_000 },
          { name: 'two', from: 10_000, to: 20_000 },
          { name: 'killed', from: 20_000, to: 30_000 },
        ],
        one: { seconds: 10, used },
      },
    ],
    doublings: [DOUBLED],
    stamps: steady(0, 31_000, 2),
    ...change,
  };
}

describe('the result of the pacing benchmark', () => {
  it('reads rates from the stamps, by phase, and CPU of services as parts of a core', () => {
    const { figures, targets } = makePacingResult(facts());
    expect(figures.mostInASecond).toMatchObject({ one: 500, two: 500, killed: 500 });
    expect(figures.use).toMatchObject({ one: 1, two: 1 });
    expect(targets.mostInASecond).toEqual({ measured: 500, target: 510, met: true });
    expect(targets.idleCoresOfAService).toEqual({ measured: 0.03, target: 0.06, met: true });
    expect(targets.routingAndChannelCoresAtRate).toEqual({ measured: 0.5, target: 0.6, met: true });
    expect(targets.rebalancesToLimit.met && targets.othersChangedByDoubling.met).toBe(true);
  });

  it('blames the phase in which too many went, a doubling included', () => {
    const burst = Array.from({ length: 20 }, () => 25_000);
    const late = makePacingResult(facts({ stamps: [...steady(0, 31_000, 2), ...burst].toSorted((a, b) => a - b) }));
    expect(late.figures.mostInASecond).toMatchObject({ one: 500, killed: 520 });
    expect(late.targets.mostInASecond.met).toBe(false);
    const doubling = Array.from({ length: 20 }, () => 30_500);
    const doubled = makePacingResult(facts({ stamps: [...steady(0, 32_000, 2), ...doubling].toSorted((a, b) => a - b) }));
    expect(doubled.targets.mostInASecond).toMatchObject({ measured: 520, met: false });
  });

  it('misses the use of the provider when a phase sent too little', () => {
    const { targets } = makePacingResult(facts({ stamps: [...steady(0, 10_000, 2), ...steady(10_000, 31_000, 4)] }));
    expect(targets.useWithOne.met).toBe(true);
    expect(targets.useWithTwo).toMatchObject({ measured: 0.5, met: false });
  });

  it('judges CPU as it was measured, not as it is shown', () => {
    const used = new Map([
      ['routing', 6.4],
      ['channel-sms', 1],
    ]);
    const phases = facts().rounds[0]?.phases ?? [];
    const busy = new Map([
      ['routing', 3.04],
      ['channel-sms', 3.04],
    ]);
    const { targets } = makePacingResult(facts({ idle: { seconds: 100, used }, rounds: [{ phases, one: { seconds: 10, used: busy } }] }));
    expect(targets.idleCoresOfAService).toEqual({ measured: 0.064, target: 0.06, met: false });
    expect(targets.routingAndChannelCoresAtRate).toEqual({ measured: 0.608, target: 0.6, met: false });
  });

  it('names what changed beside the doubled channel', () => {
    const { figures, targets } = makePacingResult(facts({ doublings: [{ ...DOUBLED, rebalances: 2, othersRebalanced: ['deliveries'] }] }));
    expect(figures.doubling.othersChanged).toEqual(['deliveries']);
    expect(targets.rebalancesToLimit.met || targets.othersChangedByDoubling.met).toBe(false);
  });
});
