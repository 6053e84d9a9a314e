import type { Machine } from '../machine.js';
import type { CpuSeconds } from '../world/cpu.js';
import { hundredths, median, sum, tenths } from '../world/statistics.js';
import { atMost, type Target } from '../world/target.js';

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
  /** One campaign at 500 messages a second; undefined = left out. */
  readonly paced: Round | undefined;
  /** The Kafka client's part (0 to 1) of what each service does while idle; empty = not looked at. */
  readonly idleClientLibrary: ReadonlyMap<string, number>;
  /** What is Tocsin or its ground; every other process plays somebody outside. */
  readonly ours: readonly string[];
  /** Those of ours that are services. */
  readonly services: readonly string[];
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
  /** Of the figure above, what the Kafka client takes. */
  readonly idleClientLibraryMillisecondsPerSecond?: Figures;
  /** The same path at 500 messages a second. */
  readonly paced?: {
    readonly messages: number;
    readonly seconds: number;
    readonly perSecond: number;
    readonly cpuMicrosecondsPerMessage: Figures;
    readonly cores: Figures;
  };
  readonly figures: Readonly<Record<string, Target>>;
  readonly rssMiB: Figures;
  readonly restarts: number;
}

/** µs of CPU a message of the whole path at full speed, broker and database included. */
const MESSAGE_TARGET = 250;
/** Part of a core each service may take while idle, percent. */
const IDLE_TARGET = 6;
/** Cores that routing and the channels may take together at 500 messages a second. */
const PACED_TARGET = 0.6;
/** Messages a second over all channels, as the figures have it. */
export const PACED_PER_SECOND = 500;
const MICROSECONDS = 1_000_000;
const MILLISECONDS = 1_000;

export function makeCostResult(facts: CostFacts): CostResult {
  const { rounds, ours } = facts;
  const others = [...(rounds[0]?.used.keys() ?? [])].filter((name) => !ours.includes(name));
  const perMessage = (name: string): number =>
    median(rounds.map(({ used, messages }) => ((used.get(name) ?? 0) * MICROSECONDS) / Math.max(1, messages)));
  const idle = (name: string): number => ((facts.idle.used.get(name) ?? 0) * MILLISECONDS) / facts.idle.seconds;
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
    idleCpuMillisecondsPerSecond: withTotal(ours, idle),
    ...(facts.idleClientLibrary.size === 0
      ? {}
      : { idleClientLibraryMillisecondsPerSecond: libraryFigures(facts.idleClientLibrary, idle) }),
    ...(facts.paced === undefined ? {} : { paced: pacedFigures(facts.paced, ours) }),
    figures: figuresOf(facts, sum(ours.map(perMessage)), idle),
    rssMiB: Object.fromEntries(Object.entries(facts.rssMiB).map(([name, peak]) => [camelCase(name), Math.round(peak)])),
    restarts: facts.restarts,
  };
}

function figuresOf({ paced, services }: CostFacts, message: number, idle: (name: string) => number): Readonly<Record<string, Target>> {
  const dispatching = services.filter((name) => name === 'routing' || name.startsWith('channel-'));
  return {
    cpuMicrosecondsPerMessage: atMost(message, MESSAGE_TARGET, tenths),
    // A second has a thousand ms: ms a second are tenths of a percent.
    idlePercentOfACore: atMost(Math.max(...services.map(idle)) / 10, IDLE_TARGET, tenths),
    ...(paced === undefined
      ? {}
      : { routingAndChannelCoresAt500: atMost(sum(dispatching.map((name) => coresOf(paced, name))), PACED_TARGET, hundredths) }),
  };
}

function pacedFigures(paced: Round, ours: readonly string[]): NonNullable<CostResult['paced']> {
  const { messages, seconds, used } = paced;
  return {
    messages,
    seconds: tenths(seconds),
    perSecond: tenths(messages / seconds),
    cpuMicrosecondsPerMessage: withTotal(ours, (name) => ((used.get(name) ?? 0) * MICROSECONDS) / Math.max(1, messages)),
    cores: Object.fromEntries(ours.map((name) => [camelCase(name), hundredths(coresOf(paced, name))])),
  };
}

function libraryFigures(parts: ReadonlyMap<string, number>, idle: (name: string) => number): Figures {
  return withTotal([...parts.keys()], (name) => (parts.get(name) ?? 0) * idle(name));
}

/** Cores while 500 messages a second pass: the start and the last receipts of a campaign take time in which fewer do. */
function coresOf({ used, messages }: Round, name: string): number {
  return ((used.get(name) ?? 0) / Math.max(1, messages)) * PACED_PER_SECOND;
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
