import type { Machine } from '../machine.js';
import type { CpuSeconds } from '../world/cpu.js';
import { median, tenths } from '../world/statistics.js';

/** One campaign from its release to its finish. */
export interface Round {
  /** Deliveries the stand-ins wrote down as accepted. */
  readonly messages: number;
  readonly seconds: number;
  readonly used: CpuSeconds;
}

export interface CostFacts {
  readonly machine: Machine;
  readonly ground: Readonly<Record<string, string>>;
  readonly contacts: number;
  readonly idle: { readonly seconds: number; readonly used: CpuSeconds };
  readonly import: { readonly seconds: number; readonly used: CpuSeconds };
  readonly rounds: readonly Round[];
  /** What is Tocsin or its ground; every other process plays somebody outside. */
  readonly ours: readonly string[];
  readonly rssMiB: Readonly<Record<string, number>>;
  readonly restarts: number;
}

type Figures = Readonly<Record<string, number>>;

/** The one object on the last line. */
export interface CostResult {
  readonly bench: 'cost';
  readonly machine: Machine;
  readonly ground: Readonly<Record<string, string>>;
  readonly contacts: number;
  readonly rounds: number;
  readonly messages: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly cpuMicrosecondsPerMessage: Figures;
  readonly standIns: Figures;
  readonly importSeconds: number;
  readonly importCpuMicrosecondsPerContact: Figures;
  readonly idleCpuMillisecondsPerSecond: Figures;
  readonly rssMiB: Figures;
  readonly restarts: number;
}

const MICROSECONDS = 1_000_000;
const MILLISECONDS = 1_000;

export function makeCostResult(facts: CostFacts): CostResult {
  const { rounds, ours } = facts;
  const others = [...(rounds[0]?.used.keys() ?? [])].filter((name) => !ours.includes(name));
  const perMessage = (name: string): number =>
    median(rounds.map(({ used, messages }) => ((used.get(name) ?? 0) * MICROSECONDS) / Math.max(1, messages)));
  const messages = median(rounds.map((round) => round.messages));
  const seconds = median(rounds.map((round) => round.seconds));
  return {
    bench: 'cost',
    machine: facts.machine,
    ground: facts.ground,
    contacts: facts.contacts,
    rounds: rounds.length,
    messages,
    seconds: tenths(seconds),
    perSecond: tenths(messages / Math.max(seconds, Number.EPSILON)),
    cpuMicrosecondsPerMessage: withTotal(ours, perMessage),
    standIns: Object.fromEntries(others.map((name) => [camelCase(name), tenths(perMessage(name))])),
    importSeconds: tenths(facts.import.seconds),
    importCpuMicrosecondsPerContact: withTotal(ours, (name) => ((facts.import.used.get(name) ?? 0) * MICROSECONDS) / facts.contacts),
    idleCpuMillisecondsPerSecond: withTotal(ours, (name) => ((facts.idle.used.get(name) ?? 0) * MILLISECONDS) / facts.idle.seconds),
    rssMiB: Object.fromEntries(Object.entries(facts.rssMiB).map(([name, peak]) => [camelCase(name), Math.round(peak)])),
    restarts: facts.restarts,
  };
}

function withTotal(names: readonly string[], figure: (name: string) => number): Figures {
  const figures = names.map((name): [string, number] => [name, figure(name)]);
  const total = figures.reduce((sum, [, value]) => sum + value, 0);
  return Object.fromEntries([...figures.map(([name, value]) => [camelCase(name), tenths(value)]), ['total', tenths(total)]]);
}

/** "document store" -> "documentStore"; a service keeps its name with its dash, as everywhere. */
function camelCase(name: string): string {
  return name.replaceAll(/ ([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
