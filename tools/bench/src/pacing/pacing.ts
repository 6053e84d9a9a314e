import { setTimeout as wait } from 'node:timers/promises';
import { describeMachine } from '../machine.js';
import { prepareCampaign, releaseCampaign } from '../world/world-campaign.js';
import { World } from '../world/world.js';
import { double, HALVED, type Doubling } from './doubling.js';
import { readPacingOptions, type PacingOptions } from './options.js';
import { makePacingResult, type PacingFacts } from './pacing-result.js';
import { CHANNEL, pacingRound, type RoundSpans } from './pacing-round.js';

/** Messages a second of the provider, as stack.json says for the stand-in. */
const RATE = 500;
/** Set-up, five rounds and five doublings take some nine minutes on two quiet cores. */
const LIMIT_MS = 20 * 60_000;
/** Long enough that the kernel's ticks of 10 ms do not matter. */
const IDLE_MS = 12_000;
/** After a preview or a restart, until everything is at rest or flows, ms. */
const SETTLE_MS = 4_000;
/** From a release to the first round: the plan is past its head start of 10 s of dispatch, and goes on gently beside the rounds. */
const UNDER_WAY_MS = 14_000;

/** What leaves in any second with one instance, with two, and while one is killed; how a doubling is followed; CPU idle and at the rate. Answers the exit code. */
export async function pacingBench(args: readonly string[]): Promise<number> {
  const options = readPacingOptions(args);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const result = await World.use({ say, limitMs: LIMIT_MS }, async (world) => makePacingResult(await measure(world, options, say)));
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return 0;
}

async function measure(world: World, options: PacingOptions, say: (line: string) => void): Promise<PacingFacts> {
  const begun = performance.now();
  const { supervisor } = world;
  const [city] = await world.createTenants([{ name: 'Ville', contacts: options.contacts }]);
  if (city === undefined) throw new Error('the city has just been created');
  const [first, second] = [await prepareCampaign(city), await prepareCampaign(city)];
  const setUpSeconds = (performance.now() - begun) / 1_000;
  await wait(SETTLE_MS);
  const idle = await world.spent(() => wait(IDLE_MS));
  const services = supervisor.serviceNames();

  await releaseCampaign(first);
  await wait(UNDER_WAY_MS);
  const rounds: RoundSpans[] = [];
  while (rounds.length < options.rounds) {
    rounds.push(await pacingRound(world));
    say(`Round ${rounds.length}: ${world.sms.units().length} messages so far.`);
  }
  if (world.sms.of(first.campaignId).length >= first.units) throw new Error('The backlog ended before the rounds: they mean nothing.');

  await supervisor.restartWith(CHANNEL, HALVED);
  await releaseCampaign(second);
  await wait(UNDER_WAY_MS);
  const doublings: Doubling[] = [];
  while (doublings.length < options.doublings) {
    doublings.push(await double(world, RATE));
    say(`Doubling ${doublings.length}: at the limit after ${doublings.at(-1)?.secondsToLimit.toFixed(1)} s.`);
  }
  if (world.sms.of(second.campaignId).length >= second.units) throw new Error('The backlog ended before the doublings: they mean nothing.');

  const stamps = world.sms
    .units()
    .map(({ at }) => at)
    .toSorted((a, b) => a - b);
  const facts = { machine: describeMachine(), ground: world.ground, contacts: options.contacts, ratePerSecond: RATE };
  return { ...facts, setUpSeconds, idle, services, rounds, doublings, stamps };
}
