import type { Machine } from '../machine.js';
import { quantile, tenths } from '../world/statistics.js';

/** p99 of an urgent message, from the release's answer to its first submission, ms (issue 5). */
export const TARGET_P99_MS = 100;
/** How many times longer the control must take at p99, both from the call. */
export const TARGET_TIMES = 8;
/** Samples below which a p99 says nothing. */
export const LEAST_SAMPLES = 100;

/** One urgent message; Unix ms. */
export interface UrgentSample {
  readonly campaignId: string;
  readonly lane: 'life-safety' | 'urgent';
  readonly calledAt: number;
  readonly answeredAt: number;
  /** Of its first submission and of its last one, by the stand-in's clock. */
  readonly wireAt: number;
  readonly lastAt: number;
}

export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface UrgentFacts {
  readonly machine: Machine;
  readonly ground: Readonly<Record<string, string>>;
  readonly contacts: number;
  readonly samples: readonly UrgentSample[];
  /** Empty where the control did not run. */
  readonly control: readonly UrgentSample[];
  /** Part of a core each process used during Tocsin's rounds. */
  readonly cores: Readonly<Record<string, number>>;
}

export function makeUrgentResult(facts: UrgentFacts) {
  const { samples, control } = facts;
  const own = spreadsOf(samples);
  const theirs = control.length > 0 ? spreadsOf(control) : undefined;
  const times = theirs && theirs.fromCall.p99 / Math.max(1, own.fromCall.p99);
  const enough = samples.length >= LEAST_SAMPLES;
  return {
    bench: 'urgent',
    machine: facts.machine,
    ground: facts.ground,
    figures: {
      contacts: facts.contacts,
      samples: samples.length,
      tocsin: own,
      lifeSafety: spreadsOf(samples.filter(({ lane }) => lane === 'life-safety')).fromCall,
      urgent: spreadsOf(samples.filter(({ lane }) => lane === 'urgent')).fromCall,
      ...(theirs ? { bullmq: theirs, timesBetter: { p50: ratio(theirs.fromCall.p50, own.fromCall.p50), p99: tenths(times ?? 0) } } : {}),
      cores: facts.cores,
    },
    targets: {
      acceptToWireP99Ms: { measured: own.fromAnswer.p99, target: TARGET_P99_MS, met: enough && own.fromAnswer.p99 <= TARGET_P99_MS },
      callToWireP99Ms: { measured: own.fromCall.p99, target: TARGET_P99_MS, met: enough && own.fromCall.p99 <= TARGET_P99_MS },
      ...(times === undefined
        ? {}
        : {
            timesBetter: {
              measured: tenths(times),
              target: TARGET_TIMES,
              met: enough && control.length >= LEAST_SAMPLES && times >= TARGET_TIMES,
            },
          }),
    },
  };
}

function spreadsOf(samples: readonly UrgentSample[]) {
  return {
    fromCall: spread(samples.map(({ wireAt, calledAt }) => wireAt - calledAt)),
    // A message that was on the wire before its answer came has not waited.
    fromAnswer: spread(samples.map(({ wireAt, answeredAt }) => Math.max(0, wireAt - answeredAt))),
    call: spread(samples.map(({ answeredAt, calledAt }) => answeredAt - calledAt)),
    firstToLast: spread(samples.map(({ lastAt, wireAt }) => lastAt - wireAt)),
  };
}

function spread(values: readonly number[]): Spread {
  return { p50: quantile(values, 0.5), p95: quantile(values, 0.95), p99: quantile(values, 0.99), max: quantile(values, 1) };
}

function ratio(theirs: number, ours: number): number {
  return tenths(theirs / Math.max(1, ours));
}
