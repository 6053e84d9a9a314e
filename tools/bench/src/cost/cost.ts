import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { TocsinError } from '@tocsin/errors';
import { repositoryRoot } from '@tocsin/testing';
import { findChannels } from '../../../stack/dist/stack/channel-stack.js';
import { groundKind } from '../../../stack/dist/stack/ground.js';
import { Supervisor } from '../../../stack/dist/stack/supervisor.js';
import { BENCH_FIRST_PORT, benchPaths } from '../world/bench-paths.js';
import { EarlyEnd } from '../world/early-end.js';
import { cityInput } from './city-input.js';
import { makeCostResult } from './cost-result.js';
import { measure } from './measure.js';
import { openRateSettings } from './open-rates.js';
import { readCostOptions } from './options.js';

/** All of it takes about six minutes with 150,000; each round more adds two. */
const LIMIT_MS = 30 * 60_000;

/** CPU per message of every process in a campaign at full speed; answers the exit code. */
export async function costBench(args: readonly string[]): Promise<number> {
  const options = readCostOptions(args);
  if (groundKind(process.env) !== 'embedded') {
    const sentence = 'The cost of broker and database can only be read where they run as processes of ours: leave TOCSIN_GROUND unset.';
    throw new TocsinError('FAILED_PRECONDITION', 'GROUND_NOT_MEASURABLE', sentence);
  }
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const { benchState, paths } = benchPaths();
  const input = (contacts: number, seed: number) => cityInput(paths.root, join(benchState, 'input', `${contacts}-${seed}`), contacts, seed);
  const city = await input(options.contacts, 1);
  const pacedCity = options.pacedContacts === 0 ? undefined : await input(options.pacedContacts, 2);
  // Every run starts on an empty ground, or an import would find its contacts there.
  rmSync(paths.state, { recursive: true, force: true });
  const early = new EarlyEnd(LIMIT_MS);
  const supervisor = new Supervisor(paths, stackEnv(), { progress: say, broken: (sentence) => early.end(sentence) });
  try {
    const facts = await Promise.race([measure({ supervisor, city, pacedCity, options, say, benchState }), early.ended]);
    process.stdout.write(`${JSON.stringify(makeCostResult(facts))}\n`);
    return facts.restarts === 0 ? 0 : 1;
  } finally {
    await supervisor.stop();
  }
}

/** Settings of the stack: its own ports and wide open rates; what the caller says wins. */
function stackEnv(): NodeJS.ProcessEnv {
  return {
    TOCSIN_STACK_PORTS_FROM: BENCH_FIRST_PORT,
    ...openRateSettings(findChannels(repositoryRoot())),
    // Each debugger that is opened takes a port of its own.
    NODE_OPTIONS: '--inspect-port=0',
    ...process.env,
  };
}
