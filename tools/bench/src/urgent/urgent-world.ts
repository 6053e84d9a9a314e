import { setTimeout as wait } from 'node:timers/promises';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { prepareCampaign, releaseCampaign, stopCampaign, type ReadyCampaign } from '../world/world-campaign.js';
import type { WorldTenant } from '../world/world-tenant.js';
import type { World } from '../world/world.js';
import type { UrgentOptions } from './options.js';
import type { UrgentSample } from './urgent-result.js';

/** Contacts of the municipalities that have something urgent to say: one household to a street. */
const COMMUNES = [1, 5, 10, 20, 30, 50];
/** From the city's release to the first urgent one, ms: its first slices are planned and the channel is full. */
const SATURATED_AFTER_MS = 4_000;
/** Between two urgent releases, ms, at random: no release meets the same moment of anybody's second. */
export const GAP_MS = { from: 700, to: 1_500 } as const;
/** ms the last ones have to reach the wire. */
const WIRE_DEADLINE_MS = 10_000;
const URGENT_LANES = [Lane.LIFE_SAFETY, Lane.URGENT] as const;

/** One city and a few municipalities on the stack's public API. */
export class UrgentWorld {
  private constructor(
    private readonly world: World,
    private readonly options: UrgentOptions,
    private readonly city: WorldTenant,
    private readonly communes: readonly WorldTenant[],
  ) {}

  static async open(world: World, options: UrgentOptions): Promise<UrgentWorld> {
    const [city, ...communes] = await world.createTenants([
      { name: 'Ville', contacts: options.contacts },
      ...COMMUNES.map((contacts) => ({ name: `Commune de ${contacts}`, contacts })),
    ]);
    if (city === undefined) throw new Error('the city has just been created');
    return new UrgentWorld(world, options, city, communes);
  }

  /** Releases the city's alert, then urgent ones beside it, and stops the city; answers how long each took to the wire. */
  async round(): Promise<UrgentSample[]> {
    const { world, options } = this;
    const flood = await prepareCampaign(this.city, { lane: Lane.STANDARD });
    const ready: ReadyCampaign[] = [];
    while (ready.length < options.releases) ready.push(await this.#prepare(ready.length));
    world.sms.forget();
    await releaseCampaign(flood);
    await wait(SATURATED_AFTER_MS);
    const samples: Omit<UrgentSample, 'wireAt' | 'lastAt'>[] = [];
    for (const [place, campaign] of ready.entries()) {
      const { calledAt, answeredAt } = await releaseCampaign(campaign);
      samples.push({ campaignId: campaign.campaignId, lane: laneName(place), calledAt, answeredAt });
      await wait(gap());
    }
    const reached = await world.sms.until(
      (ledger) => ready.every(({ campaignId, units }) => ledger.of(campaignId).length >= units),
      WIRE_DEADLINE_MS,
    );
    if (!reached) throw new Error('An urgent message has not reached the wire: the round means nothing.');
    const busy = world.sms.of(flood.campaignId).length;
    if (busy >= flood.units) throw new Error('The city ended before the round: the channel was not saturated.');
    await stopCampaign(flood);
    return samples.map((sample) => {
      const units = world.sms.of(sample.campaignId);
      return { ...sample, wireAt: units[0]?.at ?? NaN, lastAt: units.at(-1)?.at ?? NaN };
    });
  }

  #prepare(place: number): Promise<ReadyCampaign> {
    const commune = this.communes[place % this.communes.length];
    if (commune === undefined) throw new Error('no commune');
    return prepareCampaign(commune, { lane: URGENT_LANES[place % 2] ?? Lane.URGENT });
  }
}

function laneName(place: number): UrgentSample['lane'] {
  return place % 2 === 0 ? 'life-safety' : 'urgent';
}

/** A gap at random, ms. */
export function gap(): number {
  return GAP_MS.from + Math.random() * (GAP_MS.to - GAP_MS.from);
}
