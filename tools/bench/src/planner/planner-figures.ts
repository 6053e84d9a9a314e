import { quantile } from '../world/statistics.js';

/** One question to the planner and what happened, all in ms of one clock. */
export interface PlannedSample {
  readonly mix: number;
  /** When it was asked, just before the release. */
  readonly at: number;
  readonly p50: number;
  readonly p95: number;
  /** The last first attempt at the provider. */
  readonly actual: number;
}

export interface PlannerFigures {
  readonly samples: number;
  readonly mixes: number;
  /** Parts of all samples, 0 to 1. */
  readonly withinBand: number;
  readonly before: number;
  readonly after: number;
  /** Part of the mixes whose samples all lie within their bands. */
  readonly mixesWithinBand: number;
  /** |actual - p50| / (actual - asked), median and p90. */
  readonly relativeErrorP50: number;
  readonly relativeErrorP90: number;
  /** |actual - p50|, ms, median. */
  readonly errorMs: number;
  /** (p95 - asked) / (p50 - asked), median: how much room the band takes. */
  readonly bandRatio: number;
  /** ms, medians. */
  readonly bandMs: number;
  readonly actualMs: number;
}

export function isWithin({ actual, p50, p95 }: PlannedSample): boolean {
  return actual >= p50 && actual <= p95;
}

/** For the progress: what a mix was wrong about, s from the question. */
export function outlierLine({ mix, at, p50, p95, actual }: PlannedSample): string {
  const seconds = (moment: number): string => ((moment - at) / 1_000).toFixed(2);
  return `Mix ${mix}: foreseen ${seconds(p50)} to ${seconds(p95)} s, complete after ${seconds(actual)} s.`;
}

/** The planner's error, as published. */
export function plannerFigures(samples: readonly PlannedSample[]): PlannerFigures {
  const part = (of: (sample: PlannedSample) => boolean): number => samples.filter(of).length / Math.max(1, samples.length);
  const early = ({ actual, p50 }: PlannedSample): boolean => actual < p50;
  const late = ({ actual, p95 }: PlannedSample): boolean => actual > p95;
  const mixes = [...new Set(samples.map(({ mix }) => mix))];
  const good = mixes.filter((mix) => !samples.some((sample) => sample.mix === mix && (early(sample) || late(sample))));
  const errors = samples.map(({ at, p50, actual }) => Math.abs(actual - p50) / Math.max(1, actual - at));
  const over = (values: readonly number[], at: number): number => (values.length === 0 ? 0 : quantile(values, at));
  return {
    samples: samples.length,
    mixes: mixes.length,
    withinBand: part(isWithin),
    before: part(early),
    after: part(late),
    mixesWithinBand: good.length / Math.max(1, mixes.length),
    relativeErrorP50: over(errors, 0.5),
    relativeErrorP90: over(errors, 0.9),
    errorMs: over(
      samples.map(({ p50, actual }) => Math.abs(actual - p50)),
      0.5,
    ),
    bandRatio: over(
      samples.map(({ at, p50, p95 }) => (p95 - at) / Math.max(1, p50 - at)),
      0.5,
    ),
    bandMs: over(
      samples.map(({ p50, p95 }) => p95 - p50),
      0.5,
    ),
    actualMs: over(
      samples.map(({ at, actual }) => actual - at),
      0.5,
    ),
  };
}

/** Part of the campaigns that must be complete within their band (issue 5), over at least so many mixes. */
const TARGET_WITHIN = 0.9;
const LEAST_MIXES = 50;

/** A release without a forecast counts as one outside its band. By campaign, and by mix of which none is outside: the stricter reading. */
export function plannerTargets(asked: PlannerFigures, unforeseen: number) {
  const enough = asked.mixes >= LEAST_MIXES;
  const within = (asked.withinBand * asked.samples) / Math.max(1, asked.samples + unforeseen);
  const line = (measured: number) => ({ measured, target: TARGET_WITHIN, met: enough && measured >= TARGET_WITHIN });
  return { withinBand: line(within), mixesWithinBand: line(asked.mixesWithinBand) };
}
