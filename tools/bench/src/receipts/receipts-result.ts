import type { Machine } from '../machine.js';
import { coresUsed, type Spent } from '../world/cpu.js';
import { median, quantile, tenths } from '../world/statistics.js';
import { atMost } from '../world/target.js';

/** Above the calm beside it, dispatch may be so much slower in a storm (issue 6). */
const MOST_SLOWER = 1.1;

/** What was seen in one phase. */
export interface Phase {
  readonly storm: boolean;
  /** Release call to acceptance of each message of the communes released in it, ms. */
  readonly waits: readonly number[];
  /** Receipts the channel answered in it, and seconds it lasted while there were any. */
  readonly receipts: number;
  readonly seconds: number;
  readonly spent: Spent;
}

/** One campaign's tally against what its provider reported. */
export interface Tallied {
  readonly recipients: number;
  readonly delivered: number;
  readonly failed: number;
  readonly open: number;
}

export interface ReceiptsFacts {
  readonly machine: Machine;
  readonly ground: Readonly<Record<string, string>>;
  readonly setUpSeconds: number;
  readonly copies: number;
  readonly phases: readonly Phase[];
  readonly tallied: readonly Tallied[];
  /** Failures the provider reported, over all campaigns. */
  readonly reportedFailed: number;
}

export function makeReceiptsResult(facts: ReceiptsFacts) {
  const of = (storm: boolean): readonly Phase[] => facts.phases.filter((phase) => phase.storm === storm);
  const p = (storm: boolean, part: number): number =>
    quantile(
      of(storm).flatMap(({ waits }) => waits),
      part,
    );
  const cores = (storm: boolean): Readonly<Record<string, number>> => coresUsed(...of(storm).map(({ spent }) => spent));
  const rates = of(true).map(({ receipts, seconds }) => receipts / Math.max(seconds, 0.001));
  const wrong = facts.tallied.filter(({ recipients, delivered, failed, open }) => open !== 0 || delivered + failed !== recipients).length;
  const failed = facts.tallied.reduce((sum, one) => sum + one.failed, 0);
  const off = wrong + Math.abs(failed - facts.reportedFailed);
  return {
    bench: 'receipts',
    machine: facts.machine,
    ground: facts.ground,
    setUpSeconds: tenths(facts.setUpSeconds),
    figures: {
      rounds: of(true).length,
      receipts: of(true).reduce((sum, { receipts }) => sum + receipts, 0),
      copies: facts.copies,
      receiptsPerSecond: { p50: Math.round(median(rates)), max: Math.round(Math.max(...rates)) },
      dispatchMs: {
        calm: { p50: tenths(p(false, 0.5)), p99: tenths(p(false, 0.99)), messages: of(false).flatMap(({ waits }) => waits).length },
        storm: { p50: tenths(p(true, 0.5)), p99: tenths(p(true, 0.99)), messages: of(true).flatMap(({ waits }) => waits).length },
      },
      cores: { calm: cores(false), storm: cores(true) },
      campaigns: facts.tallied.length,
      failedReported: facts.reportedFailed,
      failedTallied: failed,
    },
    targets: {
      talliesOff: atMost(off, 0, (value) => value),
      dispatchP99TimesCalm: atMost(p(true, 0.99) / p(false, 0.99), MOST_SLOWER, (value) => Math.round(value * 100) / 100),
    },
  };
}
