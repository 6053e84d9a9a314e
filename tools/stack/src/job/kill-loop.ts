import { seededRandom } from '@tocsin/testing';
import { readGauge } from './read-gauge.js';

/** One kill every half minute. */
const KILL_EVERY_MS = 30_000;

export interface KillLog {
  readonly service: string;
  /** Unix ms. */
  readonly at: number;
  /** Submissions whose attempt Kafka had not acknowledged, as the service said just before; 0 for what submits nothing. */
  readonly inDoubt: number;
}

export interface KillLoop {
  readonly kills: readonly KillLog[];
  stop(): void;
}

export interface KillOptions {
  readonly services: readonly string[];
  readonly seed: number;
  httpPort(service: string): number;
  kill(service: string): boolean;
  readonly say: (line: string) => void;
}

/** kill -9 of one service at a time, chosen by the seed, until it is stopped. */
export function startKillLoop(options: KillOptions): KillLoop {
  const random = seededRandom(options.seed);
  const kills: KillLog[] = [];
  const timer = setInterval(() => {
    const service = options.services[Math.floor(random() * options.services.length)] ?? '';
    void killOne(options, service).then((log) => log === undefined || kills.push(log));
  }, KILL_EVERY_MS);
  return { kills, stop: () => clearInterval(timer) };
}

async function killOne(options: KillOptions, service: string): Promise<KillLog | undefined> {
  const inDoubt = await inDoubtOf(options.httpPort(service));
  if (!options.kill(service)) return undefined;
  options.say(`kill -9 ${service}${inDoubt === 0 ? '' : ` with up to ${inDoubt} submissions in doubt`}.`);
  return { service, at: Date.now(), inDoubt };
}

/** The cap where the channel says it: between the look and the kill the window may have filled. */
async function inDoubtOf(httpPort: number): Promise<number> {
  const [cap, now] = await Promise.all([
    readGauge(httpPort, 'tocsin_channel_in_doubt_limit'),
    readGauge(httpPort, 'tocsin_channel_in_doubt'),
  ]);
  return Math.max(cap, now);
}
