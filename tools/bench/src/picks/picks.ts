import { parseArgs } from 'node:util';
import { TocsinError } from '@tocsin/errors';
import { describeMachine } from '../machine.js';
import { makePicksResult, type PicksRound } from './picks-result.js';
import { PicksWorld } from './picks-world.js';

export const PICKS_USAGE = 'picks [--rounds 9] [--picks 1000000]';

/** Tenants with a backlog; each round measures all of them, one after the other, so that a slow moment of the machine hits all alike. */
const TENANTS = [10, 500, 5_000] as const;
const ROUNDS = { from: 5, to: 50 } as const;
/** Below this a round is as short as one interruption; above, the whole takes more than a minute. */
const PICKS = { from: 100_000, to: 4_000_000 } as const;
const MICROSECONDS = 1_000_000;

/** Scheduler picks a second, single-threaded, in memory: what the pure module costs and how that grows with tenants. Answers the exit code. */
export async function picksBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string', default: '9' }, picks: { type: 'string', default: '1000000' } },
  });
  const rounds = whole('rounds', values.rounds, ROUNDS.from, ROUNDS.to);
  const picks = whole('picks', values.picks, PICKS.from, PICKS.to);
  const worlds = TENANTS.map((tenants) => new PicksWorld(tenants));
  // Compiled by the time it counts.
  for (const world of worlds) world.serve(PICKS.from);
  const measured: PicksRound[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const world of worlds) measured.push(measure(world, picks));
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
  process.stdout.write(`${JSON.stringify(makePicksResult(describeMachine(), picks, TENANTS, measured))}\n`);
  return 0;
}

function measure(world: PicksWorld, picks: number): PicksRound {
  const cpu = process.cpuUsage();
  const started = performance.now();
  world.serve(picks);
  const seconds = (performance.now() - started) / 1_000;
  const used = process.cpuUsage(cpu);
  return { tenants: world.tenants, perSecond: picks / seconds, perCpuSecond: (picks * MICROSECONDS) / (used.user + used.system) };
}

function whole(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new TocsinError('INVALID_ARGUMENT', 'OPTION_INVALID', `--${name} takes a whole number from ${from} to ${to}.`);
}
