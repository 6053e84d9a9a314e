import type { Facts, ProbeFacts, ProcessFacts } from './facts.js';
import { Scrape } from './scrape.js';

export const NOW = 1_800_000_000_000;
const GIB = 1_073_741_824;

const SERVICES = ['gateway', 'tenants', 'subscribers', 'campaigns', 'routing', 'deliveries', 'channel-sms', 'channel-email'];

/** Two instances of everything, nothing wrong; `change` by name of a process. */
export function healthy(
  change: Readonly<Record<string, Partial<Omit<ProcessFacts, 'probe'>> & { probe?: Partial<ProbeFacts> }>> = {},
): Facts {
  const names = SERVICES.flatMap((service) => [service, `${service}-2`]);
  return {
    at: NOW,
    seconds: 3,
    processes: [
      ...['kafka', 'document store'].map((name) => process(name, 'ground', change[name])),
      ...names.map((name) => process(name, 'service', change[name])),
    ],
    kafka: {
      reachable: true,
      error: '',
      nodesExpected: 3,
      nodes: 3,
      partitions: [{ topic: 'routing.plans.v1', leader: 1, copies: 3, inSync: 3 }],
      deadLetters: [],
    },
    store: { reachable: true, error: '', ms: 2 },
    disks: [{ path: '/data', freeBytes: 50 * GIB, totalBytes: 100 * GIB }],
    backup: { folder: '/backups', takenAt: NOW - 60_000 },
  };
}

function process(
  name: string,
  kind: ProcessFacts['kind'],
  change: Partial<Omit<ProcessFacts, 'probe'>> & { probe?: Partial<ProbeFacts> } = {},
): ProcessFacts {
  const { probe, ...rest } = change;
  const asked: ProbeFacts = {
    answer: kind === 'ground' ? 'none' : 'yes',
    live: true,
    ready: true,
    waiting: [],
    metrics: new Scrape(bound(name)),
  };
  return { name, service: name.replace(/-2$/, ''), kind, place: '', state: 'runs', ends: [], ...rest, probe: { ...asked, ...probe } };
}

function bound(name: string): string {
  return name.startsWith('channel-') ? metricsText({ 'tocsin_channel_route_bound{route="r1"}': 1 }) : '';
}

/** Prometheus' format of some series. */
export function metricsText(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([series, value]) => `${series} ${value}\n`)
    .join('');
}

/** Figures at the later look, and what counters were before. */
export function figures(now: Readonly<Record<string, number>>, before: Readonly<Record<string, number>> = {}): Partial<ProbeFacts> {
  return { metrics: new Scrape(metricsText(now), metricsText(before)) };
}

export const frozen: Partial<ProbeFacts> = { answer: 'silent', live: false, ready: false };
export const gone: Partial<ProbeFacts> = { answer: 'refused', live: false, ready: false };
export const notReady = (...waiting: string[]): Partial<ProbeFacts> => ({ ready: false, waiting });
