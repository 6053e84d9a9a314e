import { setTimeout as wait } from 'node:timers/promises';
import { readGauge } from '../../../stack/dist/job/read-gauge.js';
import { firstFullSecond, longestGap } from '../world/sliding-second.js';
import type { World } from '../world/world.js';
import { CHANNEL } from './pacing-round.js';

/** Part of the provider's limit that counts as reached. */
const REACHED = 0.97;
/** An operator that allows two binds from one address: an instance alone may use two of the four shares, half the limit. */
export const HALVED = { TOCSIN_CHANNEL_SMS_SMPP_BINDS_PER_INSTANCE: '2' } as const;
/** ms the slow instance is watched alone, and both after the limit was reached. */
const ALONE_MS = 4_000;
const AFTER_MS = 3_000;
const REACH_DEADLINE_MS = 30_000;
/** ms after the second one has left. */
const LEFT_MS = 4_000;

export interface Doubling {
  /** Messages a second before. */
  readonly before: number;
  /** From the start of the second instance's process to the end of the first second at the limit, s. */
  readonly secondsToLimit: number;
  /** The pause of the send meanwhile, s. */
  readonly longestGapSeconds: number;
  /** Joins of the channel's group that the first instance took part in. */
  readonly rebalances: number;
  /** Other processes that were restarted, or that joined a group anew. */
  readonly othersRestarted: readonly string[];
  readonly othersRebalanced: readonly string[];
  /** Unix ms; the sliding second is looked at over it. */
  readonly from: number;
  readonly to: number;
}

/** Doubles an instance that can only use half the provider's limit, in the middle of a send. Both must have been started with HALVED. */
export async function double(world: World, ratePerSecond: number): Promise<Doubling> {
  const { supervisor, sms } = world;
  const from = Date.now();
  await wait(ALONE_MS);
  const pids = supervisor.pids();
  const joins = await joinsOf(world);
  const startedAt = Date.now();
  const second = await supervisor.addInstance(CHANNEL, HALVED);
  const wanted = Math.floor(ratePerSecond * REACHED);
  const stamps = (last: number): number[] =>
    sms
      .units()
      .slice(-last)
      .map(({ at }) => at);
  const reached = await sms.until(() => firstFullSecond(stamps(2 * ratePerSecond), startedAt, wanted) !== undefined, REACH_DEADLINE_MS);
  if (!reached) throw new Error(`${wanted} a second were not reached within ${REACH_DEADLINE_MS / 1_000} s of the doubling.`);
  await wait(AFTER_MS);
  const joined = await joinsOf(world);
  const restarted = supervisor.pids();
  const sorted = stamps(Infinity).toSorted((a, b) => a - b);
  const fullAt = firstFullSecond(sorted, startedAt, wanted) ?? NaN;
  const to = Date.now();
  await supervisor.endInstance(second);
  await wait(LEFT_MS);
  return {
    before: (sorted.filter((at) => at >= from && at < startedAt).length * 1_000) / (startedAt - from),
    secondsToLimit: (fullAt - startedAt) / 1_000,
    longestGapSeconds: longestGap(sorted, startedAt, fullAt) / 1_000,
    rebalances: (joined.get(CHANNEL) ?? 0) - (joins.get(CHANNEL) ?? 0),
    othersRestarted: [...pids].filter(([name, pid]) => restarted.get(name) !== pid).map(([name]) => name),
    othersRebalanced: [...joins].filter(([name, count]) => name !== CHANNEL && joined.get(name) !== count).map(([name]) => name),
    from,
    to,
  };
}

/** How often each service has joined its groups. */
async function joinsOf({ supervisor }: World): Promise<ReadonlyMap<string, number>> {
  const names = supervisor.serviceNames().filter((name) => name !== 'gateway' && name !== `${CHANNEL}-2`);
  const counts = names.map(async (name): Promise<[string, number]> => [name, await readGauge(supervisor.httpPort(name), JOINS)]);
  return new Map(await Promise.all(counts));
}

const JOINS = 'tocsin_kafka_rebalances_total';
