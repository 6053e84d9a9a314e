import { setTimeout as wait } from 'node:timers/promises';
import { releaseCampaign, type ReadyCampaign, type Released } from '../world/world-campaign.js';
import type { WorldTenant } from '../world/world-tenant.js';
import { excesses, type Excess } from './excess.js';
import { useBetween } from './sharing.js';
import { RATE, type Stage } from './stage.js';
import { watchTwoCities, type TwoCities } from './two-cities.js';

/** Communes of a round that are alone beside the city. */
export const ALONE = 20;
/** Between the end of one and the release of the next, ms: at random, so that no turn of the loop is met each time. */
const PAUSE_MS = { least: 100, most: 400 } as const;
/** The hundred are released within this, ms. */
const ARRIVALS_MS = 15_000;
/** A commune of 500 beside a city takes 2 s, a hundred together half a minute. */
const ALONE_DEADLINE_MS = 20_000;
const TOGETHER_DEADLINE_MS = 120_000;

export interface Cast {
  readonly city: WorldTenant;
  readonly secondCity: WorldTenant;
  readonly communes: readonly WorldTenant[];
}

export interface RoundFacts {
  readonly alone: readonly Excess[];
  readonly together: readonly Excess[];
  /** The same communes against an ideal at the rate that the provider really got: what is left is the order's doing. */
  readonly atUsedRate: readonly Excess[];
  /** Part of the provider's rate that was used from the city's first second to the round's end. */
  readonly use: number;
  readonly twoCities: TwoCities | undefined;
}

/** A city drains; 20 communes one at a time, then a hundred at random; with `cities` a second city at the end. */
export async function besideACity(stage: Stage, cast: Cast, random: () => number, cities: boolean): Promise<RoundFacts> {
  const { alone, together } = choose(cast.communes, random);
  const [city, secondCity] = await stage.prepare([cast.city, cast.secondCity]);
  const single = await stage.prepare(alone);
  const many = await stage.prepare(together);
  if (city === undefined || secondCity === undefined) throw new Error('a round has two cities');

  const first = await stage.releaseCity(city);
  const released = [first];
  const from = Date.now();
  for (const commune of single) released.push(await oneAlone(stage, commune, random));
  const moments = many.map(() => random() * ARRIVALS_MS);
  const arrived = await stage.releaseAt(many, moments);
  released.push(...arrived);
  await stage.untilComplete(arrived, TOGETHER_DEADLINE_MS);

  const communes = released.slice(1).map((one) => stage.seen(one));
  const beside = [stage.seen(first)];
  const of = excesses(communes, beside, RATE);
  const use = useBetween(stage.units(), RATE, from, Date.now());
  const twoCities = cities ? await watchTwoCities(stage, city, secondCity, released) : undefined;
  await stage.clear(released);
  const atUsedRate = excesses(communes, beside, RATE * use);
  return { alone: of.slice(0, single.length), together: of.slice(single.length), atUsedRate, use, twoCities };
}

async function oneAlone(stage: Stage, commune: ReadyCampaign, random: () => number): Promise<Released> {
  await wait(PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least));
  const released = await releaseCampaign(commune);
  await stage.untilComplete([released], ALONE_DEADLINE_MS);
  return released;
}

/** Others in each round, none in both roles: at most a hundred together. */
function choose(
  communes: readonly WorldTenant[],
  random: () => number,
): { alone: readonly WorldTenant[]; together: readonly WorldTenant[] } {
  const shuffled = communes
    .map((commune) => ({ commune, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ commune }) => commune);
  return { alone: shuffled.slice(0, ALONE), together: shuffled.slice(ALONE, ALONE + 100) };
}
