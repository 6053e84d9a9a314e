import type { Machine } from '../machine.js';
import { hundredths, median, quantile } from '../world/statistics.js';
import type { Target } from '../world/target.js';
import type { RoundSamples } from './measure-round.js';

/** The figure of issue 5: with the history of a provider at most so many times the empty ledger's. */
export const TARGET = 1.1;

/** What a quotient of two numbers may be off; a ratio is judged as measured, not as shown. */
const FLOAT_NOISE = 1e-9;

type Measure = keyof RoundSamples;

export interface HistoryFacts {
  readonly machine: Machine;
  readonly ground: Readonly<Record<string, string>>;
  readonly history: {
    readonly campaigns: number;
    readonly deliveries: number;
    readonly tenants: number;
    readonly contacts: number;
    /** s to write it. */
    readonly seconds: number;
    readonly storeMiB: number;
  };
  readonly empty: readonly RoundSamples[];
  readonly full: readonly RoundSamples[];
  /** One start on the full ground while retention removes its oldest campaigns. */
  readonly trimming: readonly RoundSamples[];
  readonly slicesRemoved: number;
}

export interface HistoryResult {
  readonly bench: 'history';
  readonly machine: Machine;
  readonly ground: Readonly<Record<string, string>>;
  readonly history: HistoryFacts['history'];
  readonly figures: Readonly<Record<string, { readonly empty: Figure; readonly full: Figure; readonly trimming: Figure }>>;
  readonly slicesRemoved: number;
  readonly lines: Readonly<Record<'handOver' | 'cpu' | 'preview' | 'report' | 'start' | 'restart', Target>>;
}

interface Figure {
  readonly median: number;
  readonly p90: number;
  readonly samples: number;
}

const MEASURES: readonly Measure[] = ['handOver', 'preview', 'report', 'pastReport', 'list', 'start', 'restart', 'cpu'];

/** Pools the samples of all rounds of a ground; a line is the ratio of the two medians. */
export function makeHistoryResult(facts: HistoryFacts): HistoryResult {
  const pooled = (rounds: readonly RoundSamples[], measure: Measure): number[] => rounds.flatMap((round) => round[measure]);
  const line = (measure: Measure): Target => {
    const ratio = median(pooled(facts.full, measure)) / median(pooled(facts.empty, measure));
    return { measured: hundredths(ratio), target: TARGET, met: ratio <= TARGET * (1 + FLOAT_NOISE) };
  };
  return {
    bench: 'history',
    machine: facts.machine,
    ground: facts.ground,
    history: facts.history,
    figures: Object.fromEntries(
      MEASURES.map((measure) => [
        measure,
        {
          empty: figure(pooled(facts.empty, measure)),
          full: figure(pooled(facts.full, measure)),
          trimming: figure(pooled(facts.trimming, measure)),
        },
      ]),
    ),
    slicesRemoved: facts.slicesRemoved,
    lines: {
      handOver: line('handOver'),
      cpu: line('cpu'),
      preview: line('preview'),
      report: line('report'),
      start: line('start'),
      restart: line('restart'),
    },
  };
}

function figure(values: readonly number[]): Figure {
  const high = quantile(values, 0.9);
  return { median: hundredths(median(values)), p90: Number.isNaN(high) ? 0 : hundredths(high), samples: values.length };
}
