import { setTimeout as wait } from 'node:timers/promises';
import type { BullMq } from '../peers/bullmq/bullmq.js';
import type { Cast } from './beside-a-city.js';
import { waitedIn, type Waited } from './waited.js';
import { RATE, type Stage } from './stage.js';

/** Communes released behind the city in a round of a control. */
export const BEHIND = 20;
const ARRIVALS_MS = 4_000;
/** A round of a control is watched so long after its first commune; none will be through. */
const WATCHED_MS = 12_000;
/** With --full it is drained: a city and its communes at the whole rate, half as long again and a minute. */
const SLACK = 1.5;
const SLACK_MS = 60_000;
const RUNNING_DEADLINE_MS = 30_000;

export interface ControlOptions {
  readonly full: boolean;
  readonly random: () => number;
}

/** Our own loop with the policy fifo: a city, then communes behind it. */
export async function behindOurFifo(stage: Stage, cast: Cast, { full, random }: ControlOptions): Promise<readonly Waited[]> {
  const [city, ...communes] = await stage.prepare([cast.city, ...cast.communes.slice(0, BEHIND)]);
  if (city === undefined) throw new Error('there is a city');
  const first = await stage.releaseCity(city);
  const released = await stage.releaseAt(
    communes,
    communes.map(() => random() * ARRIVALS_MS),
  );
  const ahead = released.map(({ calledAt }) => city.units - stage.world.sms.of(city.campaignId).filter(({ at }) => at < calledAt).length);
  if (full) await stage.untilComplete(released, (city.units / RATE) * 1_000 * SLACK + SLACK_MS);
  else await wait(WATCHED_MS);
  const until = Date.now();
  const waited = released.map((one, place) => {
    const { calledAt, completedAt, units } = stage.seen(one);
    return waitedIn({ calledAt, completedAt, units, unitsAhead: ahead[place] ?? 0, watchedUntil: until, rate: RATE });
  });
  await stage.clear([first, ...released]);
  return waited;
}

/** The same with BullMQ, whose queue holds a city already; `round` makes the names of its campaigns. */
export async function behindBullMq(
  peer: BullMq,
  sizes: readonly number[],
  round: number,
  { full, random }: ControlOptions,
): Promise<readonly Waited[]> {
  peer.ledger.forget();
  await peer.work();
  if (!(await peer.ledger.until((ledger) => ledger.units().length >= RATE, RUNNING_DEADLINE_MS))) throw new Error('BullMQ does not run');
  const added = await Promise.all(
    sizes.map(async (size, place) => {
      await wait(random() * ARRIVALS_MS);
      const unitsAhead = await peer.waiting();
      const { calledAt } = await peer.add(`commune-${round}-${place}`, size);
      return { calledAt, unitsAhead, units: size, campaign: `commune-${round}-${place}` };
    }),
  );
  const isThrough = (): boolean => added.every(({ campaign, units }) => peer.ledger.of(campaign).length >= units);
  if (full) await peer.ledger.until(isThrough, ((added[0]?.unitsAhead ?? 0) / RATE) * 1_000 * SLACK + SLACK_MS);
  else await wait(WATCHED_MS);
  const until = Date.now();
  const waited = added.map(({ calledAt, unitsAhead, units, campaign }) => {
    const taken = peer.ledger.of(campaign);
    const completedAt = taken.length >= units ? taken.at(-1)?.at : undefined;
    return waitedIn({ calledAt, completedAt, units, unitsAhead, watchedUntil: until, rate: RATE });
  });
  await peer.rest();
  return waited;
}
