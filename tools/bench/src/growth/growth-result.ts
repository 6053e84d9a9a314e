import type { Machine } from '../machine.js';
import { hundredths, median, quantile, tenths } from '../world/statistics.js';
import { atLeast, atMost } from '../world/target.js';
import { CHANNEL, ROUTING } from './growth-processes.js';
import type { Stretch } from './growth-world.js';

/** The same size of backlog measured several times. */
export interface Point {
  readonly size: number;
  readonly stretches: readonly Stretch[];
}

/** The control's stretches: CPU seconds of its worker and of Redis. */
export interface ControlStretch {
  readonly messages: number;
  readonly seconds: number;
  readonly worker: number;
  readonly redis: number;
}

export interface GrowthFacts {
  readonly machine: Machine;
  readonly ground: Readonly<Record<string, string>>;
  readonly rounds: number;
  /** By contacts of one campaign, the smallest first. */
  readonly contacts: readonly Point[];
  /** By tenants active, the fewest first. */
  readonly tenants: readonly Point[];
  /** By contacts of the campaign: ms from release to first submission. */
  readonly firstSubmissions: ReadonlyMap<number, readonly number[]>;
  readonly control: readonly ControlStretch[];
}

/** Name in /proc's sense and in the result. */
const PROCESSES = [
  [ROUTING, 'routing'],
  [CHANNEL, 'channel'],
  ['kafka', 'kafka'],
  ['document store', 'documentStore'],
] as const;
const MICROSECONDS = 1_000_000;
const PER_CENT = 100;

const TARGETS = {
  cpu: 25,
  timesLess: 4,
  contactsGrowth: 1.1,
  tenantsGrowth: 1.5,
  rssGrowthPercent: 10,
  firstSubmitMs: 500,
  firstSubmitFlat: 1.5,
} as const;

export function makeGrowthResult(facts: GrowthFacts) {
  const contacts = facts.contacts.map(figuresOf);
  const tenants = facts.tenants.map(figuresOf);
  // Small campaigns weigh a start and an end; the queue path itself is what the middle one shows.
  const middle = contacts[Math.min(1, contacts.length - 1)];
  const ours = middle?.ours ?? NaN;
  const control = controlOf(facts.control);
  const firsts = [...facts.firstSubmissions].map(([size, ms]) => ({
    contacts: size,
    p50Ms: Math.round(quantile(ms, 0.5)),
    mostMs: Math.round(Math.max(...ms)),
  }));
  const p50 = firsts.map((one) => one.p50Ms);
  const rss = Math.max(...['routing', 'channel'].map((name) => growth(contacts, (point) => point.rssMiB[name] ?? NaN)));
  const lines = {
    queuePathCpuMicroseconds: atMost(ours, TARGETS.cpu, hundredths),
    timesLessThanBullMq: atLeast(control.worker / ours, TARGETS.timesLess, hundredths),
    timesLessThanBullMqBothWithBroker: atLeast(
      (control.worker + control.redis) / (ours + (middle?.kafka ?? NaN)),
      TARGETS.timesLess,
      hundredths,
    ),
    growthWithContacts: atMost(
      growth(contacts, (point) => point.ours),
      TARGETS.contactsGrowth,
      hundredths,
    ),
    growthWithTenants: atMost(
      growth(tenants, (point) => point.ours),
      TARGETS.tenantsGrowth,
      hundredths,
    ),
    rssGrowthPercent: atMost((rss - 1) * PER_CENT, TARGETS.rssGrowthPercent, hundredths),
    releaseToFirstSubmitMs: atMost(Math.max(...p50), TARGETS.firstSubmitMs, hundredths),
    releaseToFirstSubmitFlat: atMost(Math.max(...p50) / Math.max(1, Math.min(...p50)), TARGETS.firstSubmitFlat, hundredths),
  };
  return {
    bench: 'growth' as const,
    machine: facts.machine,
    ground: facts.ground,
    rounds: facts.rounds,
    figures: { contacts, tenants, releaseToFirstSubmit: firsts, bullmq: control },
    lines,
  };
}

export interface PointFigures {
  readonly size: number;
  readonly stretches: number;
  readonly messages: number;
  readonly perSecond: number;
  /** µs of CPU a message, medians over stretches. */
  readonly routing: number;
  readonly channel: number;
  readonly kafka: number;
  readonly documentStore: number;
  /** routing + channel. */
  readonly ours: number;
  /** Largest resident set seen, MiB. */
  readonly rssMiB: Readonly<Record<string, number>>;
}

export function figuresOf({ size, stretches }: Point): PointFigures {
  const perMessage = (names: readonly string[]): number =>
    tenths(
      median(
        stretches.map(({ used, messages }) => (names.reduce((sum, name) => sum + (used.get(name) ?? 0), 0) * MICROSECONDS) / messages),
      ),
    );
  return {
    size,
    stretches: stretches.length,
    messages: stretches[0]?.messages ?? 0,
    perSecond: Math.round(median(stretches.map(({ messages, seconds }) => messages / seconds))),
    routing: perMessage([ROUTING]),
    channel: perMessage([CHANNEL]),
    kafka: perMessage(['kafka']),
    documentStore: perMessage(['document store']),
    ours: perMessage([ROUTING, CHANNEL]),
    rssMiB: Object.fromEntries(
      PROCESSES.map(([name, called]) => [called, Math.round(Math.max(...stretches.map(({ rssMiB }) => rssMiB.get(name) ?? 0)))]),
    ),
  };
}

function controlOf(stretches: readonly ControlStretch[]) {
  const perMessage = (of: (stretch: ControlStretch) => number): number =>
    tenths(median(stretches.map((stretch) => (of(stretch) * MICROSECONDS) / stretch.messages)));
  return {
    stretches: stretches.length,
    messages: stretches[0]?.messages ?? 0,
    perSecond: Math.round(median(stretches.map(({ messages, seconds }) => messages / seconds))),
    worker: perMessage(({ worker }) => worker),
    redis: perMessage(({ redis }) => redis),
  };
}

/** Last point to first. */
function growth(points: readonly PointFigures[], of: (point: PointFigures) => number): number {
  const [first, last] = [points[0], points.at(-1)];
  return first && last ? of(last) / of(first) : NaN;
}
