import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '@tocsin/testing';
import { describeMachine } from '../machine.js';
import { BullMq } from '../peers/bullmq/bullmq.js';
import { benchPaths } from '../world/bench-paths.js';
import type { WorldTenant } from '../world/world-tenant.js';
import { World } from '../world/world.js';
import type { Spent } from '../world/cpu.js';
import { besideACity, type Cast, type RoundFacts } from './beside-a-city.js';
import { drainCity } from './city-end.js';
import { communeSize } from './commune-size.js';
import { behindBullMq, behindOurFifo, BEHIND } from './controls.js';
import { makeFairnessResult, type FairnessFacts } from './fairness-result.js';
import { readFairnessOptions, type FairnessOptions } from './options.js';
import { RATE, Stage } from './stage.js';
import { thousandCommunes } from './thousand.js';
import type { Waited } from './waited.js';
import { drawWireFigures } from './wire-figures.js';
import { watchWeights, WEIGHTED_CONTACTS, WEIGHTS } from './weights.js';

/** The default takes about a quarter of an hour on two quiet cores, --full drains five cities. */
const LIMIT_MS = 30 * 60_000;
const FULL_LIMIT_MS = 90 * 60_000;
/** Long enough that the 10 ms ticks of the kernel's count do not matter. */
const IDLE_MS = 10_000;
/** After a start or a set-up, checkpoints and compilations still run for some seconds. */
const SETTLE_MS = 5_000;
/** A city runs so long before the first round. */
const WARM_UP_MS = 10_000;
/** A second city as deep as is watched, and some more. */
const SECOND_CITY_CONTACTS = 40_000;

/** Who waits beside a city, at the provider's own clock: fair, first in first out, and BullMQ; answers the exit code. */
export async function fairnessBench(args: readonly string[]): Promise<number> {
  const options = readFairnessOptions(args);
  const begun = performance.now();
  const say = (line: string): void => void process.stderr.write(`${Math.round((performance.now() - begun) / 1_000)} s: ${line}\n`);
  const limitMs = options.full ? FULL_LIMIT_MS : LIMIT_MS;
  const facts = await World.use({ say, limitMs }, (world) => perform(world, options, say));
  if (options.figures !== undefined) draw(options.figures, facts);
  process.stdout.write(`${JSON.stringify(makeFairnessResult(facts))}\n`);
  return facts.restarts === 0 ? 0 : 1;
}

async function perform(world: World, options: FairnessOptions, say: (line: string) => void): Promise<FairnessFacts> {
  const random = seededRandom(options.seed);
  const begun = performance.now();
  const { cast, sizes } = await assemble(world, options, random);
  const stage = new Stage(world);
  const weighted = options.parts.has('weights')
    ? await world.createTenants(WEIGHTS.map((weight) => ({ name: `Poids ${weight}`, contacts: WEIGHTED_CONTACTS, weight })))
    : [];
  await wait(SETTLE_MS);
  const setUpSeconds = (performance.now() - begun) / 1_000;
  const idle = await world.spent(() => wait(IDLE_MS));
  await warmUp(stage, cast.city);
  const peer = options.parts.has('controls') ? await startPeer(options) : undefined;
  try {
    const rounds: RoundFacts[] = [];
    const inRounds: Spent[] = [];
    const ourFifo: Waited[] = [];
    const bullMq: Waited[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      if (options.parts.has('communes') || options.parts.has('shares')) {
        const cities = options.parts.has('shares') && round === options.rounds - 1;
        inRounds.push(await world.spent(async () => void rounds.push(await besideACity(stage, cast, random, cities))));
        say(`Round ${round + 1}: ${sayRound(rounds.at(-1))}`);
      }
      if (peer === undefined) continue;
      const control = { full: options.full && round === 0, random };
      await world.supervisor.restartWith('routing', { TOCSIN_ROUTING_POLICY: 'fifo' });
      ourFifo.push(...(await behindOurFifo(stage, cast, control)));
      await world.supervisor.restartWith('routing', {});
      bullMq.push(...(await behindBullMq(peer, sizes.slice(0, BEHIND), round, control)));
      const through = [ourFifo, bullMq].map((waited) => waited.filter(({ completed }) => completed).length);
      say(`Controls ${round + 1}: through while watched ${through.join(' and ')} of ${ourFifo.length} and ${bullMq.length}.`);
    }
    const weights = weighted.length > 0 ? await watchWeights(stage, weighted) : undefined;
    const thousand = options.parts.has('thousand') ? await thousandCommunes(stage, cast, random) : undefined;
    const cityEnd = options.full ? await drainCity(stage, cast.city) : undefined;
    return {
      machine: describeMachine(),
      ground: world.ground,
      options: { ...options, parts: [...options.parts].join(','), figures: options.figures ?? '' },
      setUpSeconds,
      idle,
      rounds,
      inRounds,
      thousand,
      weights,
      ourFifo,
      bullMq,
      bullMqCpu: peer?.cpu() ?? new Map(),
      cityEnd,
      restarts: world.supervisor.restarts(),
    };
  } finally {
    await peer?.stop();
  }
}

/** A backbone has run for weeks: the first seconds of a process, in which its code is compiled, are not what is measured. */
async function warmUp(stage: Stage, tenant: WorldTenant): Promise<void> {
  const [city] = await stage.prepare([tenant]);
  if (city === undefined) throw new Error('there is a city');
  const released = await stage.releaseCity(city);
  await wait(WARM_UP_MS);
  await stage.clear([released]);
}

/** A city, a second one, and the communes with their registers. */
async function assemble(world: World, options: FairnessOptions, random: () => number): Promise<{ cast: Cast; sizes: readonly number[] }> {
  const sizes = Array.from({ length: options.communes }, () => communeSize(options.law, random()));
  const cities = await world.createTenants([
    { name: 'Ville', contacts: options.city },
    { name: 'Seconde ville', contacts: SECOND_CITY_CONTACTS },
  ]);
  const communes = await world.createTenants(sizes.map((contacts, place) => ({ name: `Commune ${place + 1}`, contacts })));
  const [city, secondCity] = cities;
  if (city === undefined || secondCity === undefined) throw new Error('two cities were asked for');
  return { cast: { city, secondCity, communes }, sizes };
}

/** BullMQ with the city in its queue: each round finds what the rounds before have left of it, and nothing else is in front of a commune. */
async function startPeer({ city }: FairnessOptions): Promise<BullMq> {
  const peer = await BullMq.start({ folder: join(benchPaths().benchState, 'bullmq'), ratePerSecond: RATE, provider: 'smpp' });
  await peer.add('city', city);
  return peer;
}

function draw(folder: string, { rounds, thousand }: FairnessFacts): void {
  const cases = [
    { label: 'one at a time', communes: rounds.flatMap(({ alone }) => alone) },
    { label: 'a hundred', communes: rounds.flatMap(({ together }) => together) },
    { label: 'a thousand', communes: thousand?.communes ?? [] },
  ];
  const cities = rounds.find(({ twoCities }) => twoCities !== undefined)?.twoCities;
  mkdirSync(folder, { recursive: true });
  for (const [name, svg] of drawWireFigures(cases, cities)) writeFileSync(join(folder, name), svg);
}

function sayRound(round: RoundFacts | undefined): string {
  if (round === undefined) return 'nothing';
  const worst = Math.max(...[...round.alone, ...round.together].map(({ ofAllowed }) => ofAllowed));
  return `${round.alone.length} + ${round.together.length} communes, worst ${worst.toFixed(2)} of what is allowed, use ${(100 * round.use).toFixed(1)} %.`;
}
