import type { Machine } from '../machine.js';
import type { CpuSeconds } from '../world/cpu.js';
import { quantile } from '../world/statistics.js';
import type { PathSample } from './path-sample.js';
import type { SheddingFigures } from './shedding-result.js';

/** What the city does meanwhile. */
export const PHASES = ['idle', 'import', 'preview', 'plan', 'drain'] as const;
export type Phase = (typeof PHASES)[number];

/** Issue 5: p99 of a commune's first hand-over above idle, ms. */
const TARGET_MS = 1_000;

/** One phase of one round. */
export interface PhaseRound {
  readonly phase: Phase;
  readonly samples: readonly PathSample[];
  readonly seconds: number;
  readonly used: CpuSeconds;
}

export interface BeforeDispatchFacts {
  readonly machine: Machine;
  readonly ground: Readonly<Record<string, string>>;
  readonly contacts: number;
  readonly rounds: readonly PhaseRound[];
  readonly shedding: SheddingFigures;
}

interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface PhaseFigures {
  readonly samples: number;
  readonly pathMs: Spread;
  readonly releaseMs: Spread;
  /** Cores used, by process. */
  readonly cores: Readonly<Record<string, number>>;
}

/** p99 over all rounds of a phase against the median of the idle ones, which is the stricter reading of "above idle". */
export function makeBeforeDispatchResult({ machine, ground, contacts, rounds, shedding }: BeforeDispatchFacts) {
  const figures = Object.fromEntries(PHASES.map((phase) => [phase, figuresOf(rounds.filter((round) => round.phase === phase))])) as Record<
    Phase,
    PhaseFigures
  >;
  const { idle } = figures;
  const lines = PHASES.filter((phase) => phase !== 'idle').flatMap((phase) => [
    line(`whole path above idle, city: ${phase}`, figures[phase].pathMs.p99 - idle.pathMs.p50),
    line(`release to first hand-over above idle, city: ${phase}`, figures[phase].releaseMs.p99 - idle.releaseMs.p50),
  ]);
  return { benchmark: 'before-dispatch', machine, ground, contacts, figures, shedding, lines };
}

function line(measure: string, measured: number) {
  return { measure, unit: 'ms', measured: Math.round(measured), target: TARGET_MS, met: measured <= TARGET_MS };
}

function figuresOf(rounds: readonly PhaseRound[]): PhaseFigures {
  const samples = rounds.flatMap((round) => round.samples);
  const seconds = rounds.reduce((total, round) => total + round.seconds, 0);
  const names = new Set(rounds.flatMap(({ used }) => [...used.keys()]));
  const cores = [...names].map((name): [string, number] => {
    const used = rounds.reduce((total, round) => total + (round.used.get(name) ?? 0), 0);
    return [name, Math.round((used / seconds) * 1_000) / 1_000];
  });
  return {
    samples: samples.length,
    pathMs: spread(samples.map(({ path }) => path)),
    releaseMs: spread(samples.map(({ release }) => release)),
    cores: Object.fromEntries(cores),
  };
}

function spread(values: readonly number[]): Spread {
  return { p50: quantile(values, 0.5), p99: quantile(values, 0.99), max: quantile(values, 1) };
}
