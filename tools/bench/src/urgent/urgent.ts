import { join } from 'node:path';
import { describeMachine } from '../machine.js';
import { BullMq } from '../peers/bullmq/bullmq.js';
import { benchPaths } from '../world/bench-paths.js';
import { coresUsed, type Spent } from '../world/cpu.js';
import { World } from '../world/world.js';
import { readUrgentOptions, type UrgentOptions } from './options.js';
import { controlRound } from './urgent-control.js';
import { makeUrgentResult, type UrgentSample } from './urgent-result.js';
import { UrgentWorld } from './urgent-world.js';

/** Messages a second of the provider, as stack.json says for the stand-in. */
const RATE = 500;
/** Set-up and five rounds of both take some eight minutes on two quiet cores. */
const LIMIT_MS = 20 * 60_000;

/** An urgent message beside a city that saturates the channel, and the same with BullMQ, in turns; answers the exit code. */
export async function urgentBench(args: readonly string[]): Promise<number> {
  const options = readUrgentOptions(args);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  await World.use({ say, limitMs: LIMIT_MS }, async (world) => {
    const control = options.control ? await startControl() : undefined;
    try {
      await measure(world, control, options, say);
    } finally {
      await control?.stop();
    }
  });
  return 0;
}

async function measure(world: World, control: BullMq | undefined, options: UrgentOptions, say: (line: string) => void): Promise<void> {
  const scene = await UrgentWorld.open(world, options);
  const samples: UrgentSample[] = [];
  const controlled: UrgentSample[] = [];
  const spent: Spent[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    spent.push(await world.spent(async () => void samples.push(...(await scene.round()))));
    if (control) controlled.push(...(await controlRound(control, options)));
    say(`Round ${round}: ${samples.length} urgent messages, ${controlled.length} of the control.`);
  }
  const facts = { machine: describeMachine(), ground: world.ground, contacts: options.contacts };
  const result = makeUrgentResult({ ...facts, samples, control: controlled, cores: coresUsed(...spent) });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function startControl(): Promise<BullMq> {
  return BullMq.start({ folder: join(benchPaths().benchState, 'bullmq'), ratePerSecond: RATE, provider: 'smpp' });
}
