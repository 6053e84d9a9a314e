import { setTimeout as wait } from 'node:timers/promises';
import { readGauge } from '../../../stack/dist/job/read-gauge.js';
import type { Spent } from '../world/cpu.js';
import type { World } from '../world/world.js';

export const CHANNEL = 'channel-sms';
/** ms an instance alone and two together are watched. */
const STEADY_MS = 11_000;
/** From the kill on, ms: the killed one starts again, joins, and its shares are cut anew. */
const KILLED_MS = 15_000;
/** ms after an instance has left, until the shares are with the other one and it sends. */
const LEFT_MS = 5_000;
/** ms a second instance has to start, join and submit. */
const SHARES_DEADLINE_MS = 30_000;
const LOOK_MS = 100;

export type PhaseName = 'one' | 'joining' | 'two' | 'killed' | 'leaving';

/** What ran between two moments, Unix ms. */
export interface Phase {
  readonly name: PhaseName;
  readonly from: number;
  readonly to: number;
}

export interface RoundSpans {
  readonly phases: readonly Phase[];
  /** What every process used while one instance sent. */
  readonly one: Spent;
}

/** One instance, a second one beside it, kill -9 of that one, and its end, all in the middle of a send. */
export async function pacingRound(world: World): Promise<RoundSpans> {
  const { supervisor } = world;
  const phases: Phase[] = [];
  const phase = async (name: PhaseName, work: () => Promise<void>): Promise<void> => {
    const from = Date.now();
    await work();
    phases.push({ name, from, to: Date.now() });
  };
  let one: Spent | undefined;
  await phase('one', async () => {
    one = await world.spent(() => wait(STEADY_MS));
  });
  let second = '';
  await phase('joining', async () => {
    second = await supervisor.addInstance(CHANNEL);
    await untilSubmits(world, second);
  });
  await phase('two', () => wait(STEADY_MS));
  await phase('killed', async () => {
    supervisor.kill(second);
    await wait(KILLED_MS);
    await untilSubmits(world, second);
  });
  await phase('leaving', async () => {
    await supervisor.endInstance(second);
    await wait(LEFT_MS);
  });
  if (!one) throw new Error('a round has a first phase');
  return { phases, one };
}

/** Resolves when an instance has submitted something since it was started. */
export async function untilSubmits({ supervisor }: World, name: string): Promise<void> {
  const end = performance.now() + SHARES_DEADLINE_MS;
  while ((await readGauge(supervisor.httpPort(name), 'tocsin_channel_attempts_total')) === 0) {
    if (performance.now() > end) throw new Error(`${name} has submitted nothing within ${SHARES_DEADLINE_MS / 1_000} s.`);
    await wait(LOOK_MS);
  }
}
