import { setTimeout as wait } from 'node:timers/promises';
import type { ChaosWorld } from '../world/chaos-world.js';
import { plainCampaign } from './scenario.js';

/** A city that is sent to again and again, and communes beside it. */
export const CITY = 0;
const FEW_COMMUNES = 6;
const COMMUNE_CONTACTS = 30;
/** Some commune alerts its people so often, ms; of many communes the next one follows sooner, so that each does about every half minute. */
const COMMUNE_EVERY_MS = 4_000;
const EACH_COMMUNE_EVERY_MS = 30_000;
/** Part of what the provider takes that the city asks for, so that there is always something to send and it still ends soon. */
const OFFERED = 1.1;
const MOMENT_MS = 100;

export function besideACity(cityContacts: number, communes = FEW_COMMUNES): { name: string; contacts: number }[] {
  return [
    { name: 'Ville', contacts: cityContacts },
    ...Array.from({ length: communes }, (_, at) => ({ name: `Commune ${at + 1}`, contacts: COMMUNE_CONTACTS })),
  ];
}

/** Releases campaigns, the city's one after the other at the provider's rate, until it is told to stop; answers when each has been asked for. */
export async function keepSending(
  world: ChaosWorld,
  rate: number,
  cityContacts: number,
  signal: AbortSignal,
  communes = FEW_COMMUNES,
): Promise<void> {
  const communeEvery = Math.min(COMMUNE_EVERY_MS, EACH_COMMUNE_EVERY_MS / communes);
  const begun = Date.now();
  const asked: Promise<void>[] = [];
  let cityAt = 0;
  let communeAt = communeEvery;
  for (let index = 0; !signal.aborted;) {
    const now = Date.now() - begun;
    if (now >= cityAt) {
      asked.push(world.drive(plainCampaign(index++, CITY, now), begun));
      cityAt += (cityContacts / rate / OFFERED) * 1_000;
    }
    if (now >= communeAt) {
      asked.push(world.drive(plainCampaign(index, 1 + (index++ % communes), now, { lane: 'urgent' }), begun));
      communeAt += communeEvery;
    }
    await wait(MOMENT_MS);
  }
  await Promise.all(asked);
}
