import type { Machine } from '../machine.js';
import type { Spent } from '../world/cpu.js';
import { median, quantile } from '../world/statistics.js';
import type { Target } from '../world/target.js';
import type { RoundFacts } from './beside-a-city.js';
import { excessFigures, type Excess, type ExcessFigures } from './excess.js';
import type { ThousandFacts } from './thousand.js';
import type { Waited } from './waited.js';
import type { WeightsFacts } from './weights.js';

/** What the issue allows two tenants in a second: a cost unit each, and rate x flush (500/s x 25 ms). */
export const ALLOWED_APART = 2 + 500 * 0.025;
const ALLOWED_OF_WEIGHT = 0.03;
const ALLOWED_OF_HALF = 0.01;
const LEAST_USE = 0.97;
const MOST_OF_IDEAL_END = 1.03;

export interface FairnessFacts {
  readonly machine: Machine;
  readonly ground: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, number | string | boolean>>;
  readonly setUpSeconds: number;
  readonly idle: Spent;
  readonly rounds: readonly RoundFacts[];
  /** What every process used while rounds ran. */
  readonly inRounds: readonly Spent[];
  readonly thousand: ThousandFacts | undefined;
  readonly weights: WeightsFacts | undefined;
  readonly ourFifo: readonly Waited[];
  readonly bullMq: readonly Waited[];
  readonly bullMqCpu: ReadonlyMap<string, number>;
  /** The city alone to its end, over what its units take at the whole rate; only with --full. */
  readonly cityEnd: number | undefined;
  readonly restarts: number;
}

export interface ControlFigures {
  readonly samples: number;
  /** Of them through while they were watched. */
  readonly completed: number;
  /** Median time a commune took at least, and by its place in the queue. */
  readonly atLeastSeconds: number;
  readonly byPlaceSeconds: number;
  /** Those over what a commune alone beside the city took under the fair policy. */
  readonly timesOursAtLeast: number;
  readonly timesOursByPlace: number;
}

export interface FairnessResult {
  readonly bench: 'fairness';
  readonly machine: Machine;
  readonly ground: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, number | string | boolean>>;
  readonly setUpSeconds: number;
  readonly restarts: number;
  readonly figures: {
    readonly alone?: ExcessFigures;
    readonly together?: ExcessFigures;
    readonly thousand?: ExcessFigures;
    /** All of a round (and the thousand) against an ideal at the rate the provider really got. */
    readonly atUsedRate?: ExcessFigures;
    readonly thousandAtUsedRate?: ExcessFigures;
    readonly use: readonly number[];
    readonly twoCities: readonly { readonly partOfSecond: number; readonly mostApart: number; readonly use: number }[];
    readonly weights?: WeightsFacts;
    readonly ourFifo?: ControlFigures;
    readonly bullMq?: ControlFigures;
  };
  readonly targets: Readonly<Record<string, Target<string>>>;
  /** Cores each process kept busy: idle, and while rounds ran. */
  readonly cores: { readonly idle: Cores; readonly inRounds: Cores; readonly bullMqCpuSeconds: Cores };
}

type Cores = Readonly<Record<string, number>>;

export function makeFairnessResult(facts: FairnessFacts): FairnessResult {
  const alone = facts.rounds.flatMap((round) => round.alone);
  const together = facts.rounds.flatMap((round) => round.together);
  const atUsedRate = facts.rounds.flatMap((round) => round.atUsedRate);
  const cities = facts.rounds.flatMap(({ twoCities }) => (twoCities === undefined ? [] : [twoCities]));
  const ours = median(alone.map(({ tookMs }) => tookMs));
  return {
    bench: 'fairness',
    machine: facts.machine,
    ground: facts.ground,
    options: facts.options,
    setUpSeconds: rounded(facts.setUpSeconds, 1),
    restarts: facts.restarts,
    figures: {
      ...(alone.length > 0 ? { alone: excessFigures(alone) } : {}),
      ...(together.length > 0 ? { together: excessFigures(together) } : {}),
      ...(atUsedRate.length > 0 ? { atUsedRate: excessFigures(atUsedRate) } : {}),
      ...(facts.thousand
        ? { thousand: excessFigures(facts.thousand.communes), thousandAtUsedRate: excessFigures(facts.thousand.atUsedRate) }
        : {}),
      use: [...facts.rounds.map(({ use }) => use), ...(facts.thousand ? [facts.thousand.use] : [])].map((use) => rounded(use, 4)),
      twoCities: cities.map(({ partOfSecond, mostApart, use }) => ({
        partOfSecond: rounded(partOfSecond, 4),
        mostApart,
        use: rounded(use, 4),
      })),
      ...(facts.weights ? { weights: facts.weights } : {}),
      ...(facts.ourFifo.length > 0 ? { ourFifo: controlFigures(facts.ourFifo, ours) } : {}),
      ...(facts.bullMq.length > 0 ? { bullMq: controlFigures(facts.bullMq, ours) } : {}),
    },
    targets: { ...communeTargets(alone, together, facts), ...sharingTargets(facts) },
    cores: { idle: cores([facts.idle]), inRounds: cores(facts.inRounds), bullMqCpuSeconds: tidy(facts.bullMqCpu) },
  };
}

function communeTargets(
  alone: readonly Excess[],
  together: readonly Excess[],
  { thousand }: FairnessFacts,
): Record<string, Target<string>> {
  const cases = { communesAlone: alone, communesHundred: together, communesThousand: thousand?.communes ?? [] };
  return Object.fromEntries(
    Object.entries(cases)
      .filter(([, all]) => all.length > 0)
      .map(([name, all]) => {
        const p99 = quantile(
          all.map(({ ofAllowed }) => ofAllowed),
          0.99,
        );
        return [name, atMost(p99, 1, 'p99 of excess / max(10 % of ideal, 300 ms) <= 1')];
      }),
  );
}

function sharingTargets({ rounds, thousand, weights, cityEnd }: FairnessFacts): Record<string, Target<string>> {
  const cities = rounds.flatMap(({ twoCities }) => (twoCities === undefined ? [] : [twoCities]));
  const uses = [...rounds.map(({ use }) => use), ...(thousand ? [thousand.use] : []), ...cities.map(({ use }) => use)];
  const worstHalf = Math.max(...cities.map(({ partOfSecond }) => Math.abs(partOfSecond - 0.5)));
  const apart = Math.max(...cities.map(({ mostApart }) => mostApart));
  return {
    ...(cities.length > 0
      ? {
          twoCities: atMost(worstHalf, ALLOWED_OF_HALF, 'second city within 50 % +- 1 %: greatest distance from a half'),
          shareErrorInASecond: atMost(apart, ALLOWED_APART, `two tenants at most ${ALLOWED_APART} units apart in any second`),
        }
      : {}),
    ...(weights ? { weights: atMost(weights.worst, ALLOWED_OF_WEIGHT, 'weights 1:2:5 within 3 % over any 10 s') } : {}),
    ...(uses.length > 0
      ? { providerUse: { measured: rounded(median(uses), 4), target: '>= 0.97 of the rate (median)', met: median(uses) >= LEAST_USE } }
      : {}),
    ...(cityEnd === undefined ? {} : { cityEnd: atMost(cityEnd, MOST_OF_IDEAL_END, 'end of the city <= 1.03 x total / rate') }),
  };
}

function controlFigures(waited: readonly Waited[], oursMs: number): ControlFigures {
  const [atLeast, byPlace] = [median(waited.map(({ atLeastMs }) => atLeastMs)), median(waited.map(({ byPlaceMs }) => byPlaceMs))];
  return {
    samples: waited.length,
    completed: waited.filter(({ completed }) => completed).length,
    atLeastSeconds: rounded(atLeast / 1_000, 1),
    byPlaceSeconds: rounded(byPlace / 1_000, 1),
    timesOursAtLeast: rounded(atLeast / oursMs, 0),
    timesOursByPlace: rounded(byPlace / oursMs, 0),
  };
}

function cores(spent: readonly Spent[]): Cores {
  const seconds = spent.reduce((total, one) => total + one.seconds, 0);
  const names = new Set(spent.flatMap(({ used }) => [...used.keys()]));
  const used = [...names].map((name): [string, number] => [name, spent.reduce((total, one) => total + (one.used.get(name) ?? 0), 0)]);
  return tidy(new Map(used.map(([name, cpu]) => [name, cpu / Math.max(seconds, Number.EPSILON)])));
}

function tidy(values: ReadonlyMap<string, number>): Cores {
  return Object.fromEntries([...values].map(([name, value]) => [name, rounded(value, 3)]));
}

function atMost(measured: number, most: number, target: string): Target<string> {
  return { measured: rounded(measured, 4), target, met: measured <= most };
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
