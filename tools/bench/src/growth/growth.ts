import { join } from 'node:path';
import { describeMachine } from '../machine.js';
import { BullMq } from '../peers/bullmq/bullmq.js';
import { benchPaths } from '../world/bench-paths.js';
import { controlStretch } from './control.js';
import { makeGrowthResult, type ControlStretch, type GrowthFacts } from './growth-result.js';
import { GrowthWorld, type Stretch } from './growth-world.js';
import { readGrowthOptions, type GrowthOptions } from './options.js';

const LIMIT_MS = 30 * 60_000;
const IDLE_SECONDS = 10;
const SMALL = 10_000;
const MIDDLE = 50_000;
/** Messages of one look at a backlog that is not drained. */
const LOOK_MESSAGES = 50_000;
const FEW_TENANTS = 10;
const SOME_TENANTS = 500;
/** Contacts of each of the many tenants. */
const CONTACTS_OF_MANY = 20;
const FIRST_SUBMIT_SMALL = 1_000;

/** How the cost of the queue path grows with contacts and tenants; answers the exit code. */
export async function growthBench(args: readonly string[]): Promise<number> {
  const options = readGrowthOptions(args);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const folder = join(benchPaths().benchState, 'growth');
  const control = options.control ? await BullMq.start({ folder: join(folder, 'bullmq'), ratePerSecond: 0, provider: 'none' }) : undefined;
  try {
    const facts = await GrowthWorld.use(join(folder, 'tocsin'), say, LIMIT_MS, (world) => measure(world, control, options, say));
    process.stdout.write(`${JSON.stringify(makeGrowthResult(facts))}\n`);
    return 0;
  } finally {
    await control?.stop();
  }
}

async function measure(
  world: GrowthWorld,
  control: BullMq | undefined,
  { contacts, tenants, rounds, full }: GrowthOptions,
  say: (line: string) => void,
): Promise<GrowthFacts> {
  await world.measureIdle(IDLE_SECONDS);
  const middle = Math.min(MIDDLE, contacts);
  // What is compiled in the first seconds is no cost of a message.
  await drain(world, SOME_TENANTS, middle / SOME_TENANTS);
  const firstSubmissions = await firstSubmits(world, [FIRST_SUBMIT_SMALL, Math.min(100_000, contacts), contacts], rounds, say);

  const found = {
    small: [] as Stretch[],
    middle: [] as Stretch[],
    few: [] as Stretch[],
    some: [] as Stretch[],
    control: [] as ControlStretch[],
  };
  for (let round = 1; round <= rounds; round++) {
    found.small.push(await drain(world, 1, SMALL));
    if (control) found.control.push(await controlStretch(control, middle));
    found.middle.push(await drain(world, 1, middle));
    found.few.push(await drain(world, FEW_TENANTS, middle / FEW_TENANTS));
    found.some.push(await drain(world, SOME_TENANTS, middle / SOME_TENANTS));
    say(`Round ${round} of ${rounds}.`);
  }
  const large = await looks(world, 1, contacts, rounds, full, say);
  const many = await looks(world, tenants, CONTACTS_OF_MANY, rounds, true, say);
  return {
    machine: describeMachine(),
    ground: world.ground,
    rounds,
    contacts: [
      { size: SMALL, stretches: found.small },
      { size: middle, stretches: found.middle },
      { size: contacts, stretches: large },
    ],
    tenants: [
      { size: FEW_TENANTS, stretches: found.few },
      { size: SOME_TENANTS, stretches: found.some },
      { size: tenants, stretches: many },
    ],
    firstSubmissions,
    control: found.control,
  };
}

async function firstSubmits(
  world: GrowthWorld,
  sizes: readonly number[],
  rounds: number,
  say: (line: string) => void,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const found = new Map<number, number[]>(sizes.map((size) => [size, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [size, ms] of found) ms.push(await world.firstSubmission(size));
  }
  await world.close();
  for (const [size, ms] of found)
    say(`Release to first submission of ${size} contacts: ${ms.map((one) => Math.round(one)).join(', ')} ms.`);
  return found;
}

/** Plans a backlog with the provider closed, then opens it and lets everything through. */
async function drain(world: GrowthWorld, tenants: number, contactsEach: number): Promise<Stretch> {
  const backlog = await world.release(tenants, contactsEach);
  await world.planned(backlog);
  const stretch = await world.stretch(backlog.contacts, true);
  await world.close();
  return stretch;
}

/** Plans a backlog too large to be planned each round, and looks at so many parts of it; the rest is cancelled, or drained when `full`. */
async function looks(
  world: GrowthWorld,
  tenants: number,
  contactsEach: number,
  rounds: number,
  full: boolean,
  say: (line: string) => void,
): Promise<readonly Stretch[]> {
  const begun = performance.now();
  const backlog = await world.release(tenants, contactsEach);
  await world.planned(backlog);
  say(`${backlog.contacts} contacts of ${tenants} tenants planned in ${((performance.now() - begun) / 1_000).toFixed(0)} s.`);
  const stretches: Stretch[] = [];
  const part = Math.min(LOOK_MESSAGES, Math.floor(backlog.contacts / (rounds + 1) / 1_000) * 1_000);
  for (let round = 0; round < rounds; round++) stretches.push(await world.stretch(part, false));
  if (full) await world.finish();
  else await world.cancel(backlog);
  return stretches;
}
