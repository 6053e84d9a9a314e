import type { Machine } from '../machine.js';
import { median } from '../world/statistics.js';

export interface PicksRound {
  readonly tenants: number;
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

export interface PicksFigures {
  readonly tenants: number;
  /** By the clock, whatever else the machine did; median, slowest and fastest round. */
  readonly perSecond: number;
  readonly slowest: number;
  readonly fastest: number;
  /** By the CPU time of this process, garbage collection included; median. */
  readonly perCpuSecond: number;
}

/** The one object on the last line. */
export interface PicksResult {
  readonly bench: 'picks';
  readonly machine: Machine;
  readonly rounds: number;
  readonly picksARound: number;
  readonly target: number;
  readonly met: boolean;
  readonly figures: readonly PicksFigures[];
  /** CPU of a pick at the most tenants over that at the fewest: median of the rounds' ratios. */
  readonly growth: number;
}

/** Picks a second at the most tenants that issue 5 asks for. */
const TARGET = 1_000_000;

/** `rounds`: tenant counts alternating, in the order of `tenants`. */
export function makePicksResult(
  machine: Machine,
  picksARound: number,
  tenants: readonly number[],
  rounds: readonly PicksRound[],
): PicksResult {
  const of = (count: number): PicksRound[] => rounds.filter((round) => round.tenants === count);
  const figures = tenants.map((count): PicksFigures => {
    const speeds = of(count).map((round) => round.perSecond);
    return {
      tenants: count,
      perSecond: Math.round(median(speeds)),
      slowest: Math.round(Math.min(...speeds)),
      fastest: Math.round(Math.max(...speeds)),
      perCpuSecond: Math.round(median(of(count).map((round) => round.perCpuSecond))),
    };
  });
  const most = of(Math.max(...tenants));
  const ratios = of(Math.min(...tenants)).map((few, round) => few.perCpuSecond / (most[round]?.perCpuSecond ?? NaN));
  return {
    bench: 'picks',
    machine,
    rounds: most.length,
    picksARound,
    target: TARGET,
    met: (figures.find((one) => one.tenants === Math.max(...tenants))?.perSecond ?? 0) >= TARGET,
    figures,
    growth: Math.round(median(ratios) * 100) / 100,
  };
}
