import type { Machine } from '../machine.js';
import { coresUsed, type Spent } from '../world/cpu.js';
import { fullestSecond } from '../world/sliding-second.js';
import { median, quantile } from '../world/statistics.js';
import { atLeast, atMost } from '../world/target.js';
import type { Doubling } from './doubling.js';
import { CHANNEL, type PhaseName, type RoundSpans } from './pacing-round.js';

/** Room above the rate in any sliding second (issue 5). */
const ROOM = 0.02;
/** Part of a core a service may use idle, and routing with the channel at 500/s. */
const MOST_IDLE_CORES = 0.06;
const MOST_BUSY_CORES = 0.6;
const LEAST_USE = 0.97;

export interface PacingFacts {
  readonly machine: Machine;
  readonly ground: Readonly<Record<string, string>>;
  readonly contacts: number;
  readonly ratePerSecond: number;
  readonly setUpSeconds: number;
  readonly idle: Spent;
  /** Names of our services: ground, stand-ins and partner aside. */
  readonly services: readonly string[];
  readonly rounds: readonly RoundSpans[];
  readonly doublings: readonly Doubling[];
  /** Of everything the provider accepted, Unix ms, sorted. */
  readonly stamps: readonly number[];
}

export function makePacingResult(facts: PacingFacts) {
  const { ratePerSecond, rounds, doublings, stamps } = facts;
  const most = (name: PhaseName): number =>
    Math.max(
      ...rounds
        .flatMap(({ phases }) => phases.filter((phase) => phase.name === name))
        .map(({ from, to }) => fullestSecond(stamps, from, to)),
    );
  const use = (name: PhaseName): number =>
    median(
      rounds
        .flatMap(({ phases }) => phases.filter((phase) => phase.name === name))
        .map(({ from, to }) => (countWithin(stamps, from, to) * 1_000) / (to - from) / ratePerSecond),
    );
  const mostInASecond = { one: most('one'), joining: most('joining'), two: most('two'), killed: most('killed'), leaving: most('leaving') };
  const allowed = Math.floor(ratePerSecond * (1 + ROOM));
  const worst = Math.max(...Object.values(mostInASecond), ...doublings.map(({ from, to }) => fullestSecond(stamps, from, to)));
  const idleCores = coresUsed(facts.idle);
  const atRate = medianCores(rounds.map(({ one }) => one));
  // Judged as measured: hundredths of a core would let 6.4 % pass for 6.
  const busiest = Math.max(...facts.services.map((name) => coresOf(facts.idle, name)));
  const together = median(rounds.map(({ one }) => coresOf(one, 'routing'))) + median(rounds.map(({ one }) => coresOf(one, CHANNEL)));
  const toLimit = doublings.map(({ secondsToLimit }) => secondsToLimit);
  const changed = doublings.flatMap(({ othersRestarted, othersRebalanced }) => [...othersRestarted, ...othersRebalanced]);
  const rebalances = Math.max(0, ...doublings.map((one) => one.rebalances));
  return {
    bench: 'pacing',
    machine: facts.machine,
    ground: facts.ground,
    setUpSeconds: round(facts.setUpSeconds),
    figures: {
      contacts: facts.contacts,
      ratePerSecond,
      rounds: rounds.length,
      messages: stamps.length,
      mostInASecond,
      use: { one: round(use('one')), joining: round(use('joining')), two: round(use('two')), killed: round(use('killed')) },
      doubling: {
        times: doublings.length,
        ratePerSecondBefore: round(median(doublings.map(({ before }) => before))),
        secondsToLimit: { p50: round(median(toLimit)), max: round(quantile(toLimit, 1)) },
        longestGapSeconds: round(Math.max(0, ...doublings.map(({ longestGapSeconds }) => longestGapSeconds))),
        rebalances,
        othersChanged: [...new Set(changed)],
      },
      idleCores,
      coresAtRate: atRate,
    },
    targets: {
      mostInASecond: atMost(worst, allowed, round),
      useWithOne: atLeast(use('one'), LEAST_USE, round),
      useWithTwo: atLeast(use('two'), LEAST_USE, round),
      rebalancesToLimit: { measured: rebalances, target: 1, met: doublings.length > 0 && rebalances <= 1 },
      othersChangedByDoubling: { measured: changed.length, target: 0, met: doublings.length > 0 && changed.length === 0 },
      idleCoresOfAService: atMost(busiest, MOST_IDLE_CORES, round),
      routingAndChannelCoresAtRate: atMost(together, MOST_BUSY_CORES, round),
    },
  };
}

function countWithin(stamps: readonly number[], from: number, to: number): number {
  return stamps.filter((at) => at >= from && at < to).length;
}

function coresOf({ used, seconds }: Spent, name: string): number {
  return (used.get(name) ?? 0) / seconds;
}

/** By process, the median over rounds. */
function medianCores(spent: readonly Spent[]): Readonly<Record<string, number>> {
  const names = [...new Set(spent.flatMap(({ used }) => [...used.keys()]))];
  return Object.fromEntries(names.map((name) => [name, round(median(spent.map((one) => coresOf(one, name))))]));
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
