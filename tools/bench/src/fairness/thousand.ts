import type { ReadyCampaign } from '../world/world-campaign.js';
import { sum } from '../world/statistics.js';
import type { Cast } from './beside-a-city.js';
import { excesses, type Excess } from './excess.js';
import { useBetween } from './sharing.js';
import { RATE, type Stage } from './stage.js';

/** All are released within this, ms. */
const ARRIVALS_MS = 60_000;
/** Beyond the time their units take at the whole rate: the city has its part too, and a slow machine. */
const SLACK = 1.5;
const SLACK_MS = 60_000;

export interface ThousandFacts {
  readonly communes: readonly Excess[];
  /** See RoundFacts. */
  readonly atUsedRate: readonly Excess[];
  readonly use: number;
}

/** A city drains and every commune there is calls within a minute. */
export async function thousandCommunes(stage: Stage, { city: tenant, communes }: Cast, random: () => number): Promise<ThousandFacts> {
  const [city] = await stage.prepare([tenant]);
  const many = await stage.prepare(communes);
  if (city === undefined) throw new Error('there is a city');
  const first = await stage.releaseCity(city);
  const from = Date.now();
  const arrived = await stage.releaseAt(
    many,
    many.map(() => random() * ARRIVALS_MS),
  );
  const deadlineMs = (unitsOf(many) / RATE) * 1_000 * SLACK + SLACK_MS;
  await stage.untilComplete(arrived, deadlineMs);
  const use = useBetween(stage.units(), RATE, from, Date.now());
  const seen = arrived.map((one) => stage.seen(one));
  const beside = [stage.seen(first)];
  const facts = { communes: excesses(seen, beside, RATE), atUsedRate: excesses(seen, beside, RATE * use), use };
  await stage.clear([first, ...arrived]);
  return facts;
}

function unitsOf(campaigns: readonly ReadyCampaign[]): number {
  return sum(campaigns.map(({ units }) => units));
}
