import { setTimeout as wait } from 'node:timers/promises';
import { TocsinError } from '@tocsin/errors';
import { sideBySide } from '../../../stack/dist/job/side-by-side.js';
import { prepareCampaign, releaseCampaign, stopCampaign, type ReadyCampaign, type Released } from '../world/world-campaign.js';
import type { WorldTenant } from '../world/world-tenant.js';
import type { World } from '../world/world.js';
import type { SeenCampaign } from './excess.js';
import type { SharedUnit } from './sharing.js';

/** Segments a second the provider takes. */
export const RATE = 500;
/** Calls at once while nothing is measured. */
const SIDE_BY_SIDE = 8;
/** A city's first units come within a second; a machine under load takes longer. */
const FIRST_UNITS_DEADLINE_MS = 30_000;
/** What the provider has taken of a city before anybody else is released: a second of it. */
const CITY_RUNS_AT = RATE;

/** What every scene of the benchmark does with the world. */
export class Stage {
  constructor(readonly world: World) {}

  prepare(tenants: readonly WorldTenant[]): Promise<readonly ReadyCampaign[]> {
    return sideBySide(tenants, SIDE_BY_SIDE, (tenant) => prepareCampaign(tenant));
  }

  /** Releases a city and waits until it has the provider's whole rate. */
  async releaseCity(city: ReadyCampaign): Promise<Released> {
    const released = await releaseCampaign(city);
    await this.require(`the city ${city.tenant.name} to run`, FIRST_UNITS_DEADLINE_MS, () => this.unitsOf(city) >= CITY_RUNS_AT);
    return released;
  }

  /** Releases each at its moment (ms from now), whatever became of the others; answers when all calls have been answered. */
  async releaseAt(campaigns: readonly ReadyCampaign[], momentsMs: readonly number[]): Promise<readonly Released[]> {
    const releases = campaigns.map(async (campaign, place) => {
      await wait(momentsMs[place] ?? 0);
      return releaseCampaign(campaign);
    });
    return Promise.all(releases);
  }

  /** Resolves when the provider took every unit of each of them; throws when it did not in time, for then there is no figure. */
  async untilComplete(released: readonly Released[], deadlineMs: number): Promise<void> {
    const open = new Set(released.map(({ campaign }) => campaign));
    await this.require(`${released.length} campaigns to be complete`, deadlineMs, () => {
      for (const campaign of open) if (this.unitsOf(campaign) >= campaign.units) open.delete(campaign);
      return open.size === 0;
    });
  }

  seen({ campaign, calledAt }: Released): SeenCampaign {
    const { campaignId: id, units, tenant } = campaign;
    const taken = this.world.sms.of(id);
    // In the ledger's order, which is that of the clock.
    const completedAt = taken.length >= units ? taken.at(-1)?.at : undefined;
    return { id, calledAt, units, weight: tenant.weight, firstAt: taken[0]?.at, completedAt };
  }

  unitsOf({ campaignId }: ReadyCampaign): number {
    return this.world.sms.of(campaignId).length;
  }

  /** Everything the provider took since the last scene, by campaign. */
  units(): readonly SharedUnit[] {
    return this.world.sms.units().map(({ at, campaignId }) => ({ at, of: campaignId }));
  }

  /** Stops what still runs and forgets what the provider took. */
  async clear(released: readonly Released[]): Promise<void> {
    const open = released.filter(({ campaign }) => this.unitsOf(campaign) < campaign.units);
    await sideBySide(open, SIDE_BY_SIDE, ({ campaign }) => stopCampaign(campaign));
    this.world.sms.forget();
  }

  async require(what: string, deadlineMs: number, holds: () => boolean): Promise<void> {
    if (await this.world.sms.until(holds, deadlineMs)) return;
    throw new TocsinError('DEADLINE_EXCEEDED', 'SCENE_LATE', `${deadlineMs / 1_000} s were not enough for ${what}.`);
  }
}
