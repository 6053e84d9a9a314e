import { seededRandom } from '@tocsin/testing';
import { CALL_DEADLINE_MS } from '../../../stack/dist/job/partner.js';
import { prepareCampaign, releaseCampaign, type ReadyCampaign, type Released } from '../world/world-campaign.js';
import type { WorldTenant } from '../world/world-tenant.js';
import type { World } from '../world/world.js';
import { mixOf, type MixedRelease } from './mixes.js';
import type { PlannedSample } from './planner-figures.js';

/** Contacts of the registers: a campaign goes to everyone of the one whose size is nearest to what its mix wants. */
const REGISTERS = [20, 40, 70, 100, 150, 200, 250, 300, 400, 500, 600, 700, 800, 1_000, 1_300, 1_600, 2_000];
/** Tenants with a register of each size: a mix may take either, or the same twice. */
const TENANTS_A_SIZE = 2;
/** By turns over the tenants. */
const WEIGHTS = [1, 2, 1, 3, 1, 5] as const;
/** ms a mix may take from its first release: ten times its messages over the rate. */
const MIX_DEADLINE_MS = 90_000;
/** Looks at running campaigns for the error of their live estimates, ms after the mix began. */
const LIVE_LOOKS_MS = [2_200, 3_700];
/** After a mix, ms: what its last attempts leave behind is not the next one's. */
const REST_MS = 1_000;
/** An estimate of what is all but complete says nothing, ms. */
const LEAST_LEFT_MS = 500;

/** What one mix says of the planner. */
export interface MixSamples {
  /** Campaigns that began beside what ran. */
  readonly asked: readonly PlannedSample[];
  /** Those that ran when they began, foreseen before the others were there. */
  readonly running: readonly PlannedSample[];
  /** Estimates of running campaigns, as a look at them shows. */
  readonly live: readonly PlannedSample[];
  /** Releases that nobody could foresee. */
  readonly unforeseen: number;
}

interface Begun extends Released {
  readonly asked: boolean;
}

/** Many small registers and the mixes that are sent to them, over the public API. */
export class PlannerWorld {
  private constructor(
    private readonly world: World,
    private readonly tenants: readonly WorldTenant[],
  ) {}

  static async open(world: World): Promise<PlannerWorld> {
    const wanted = REGISTERS.flatMap((contacts, size) =>
      Array.from({ length: TENANTS_A_SIZE }, (_, twin) => ({
        name: `Commune de ${contacts} (${twin + 1})`,
        contacts,
        weight: WEIGHTS[(size * TENANTS_A_SIZE + twin) % WEIGHTS.length] ?? 1,
      })),
    );
    return new PlannerWorld(world, await world.createTenants(wanted));
  }

  /** Sends one mix and waits until the provider has all of it. */
  async mix(mix: number, seed: number): Promise<MixSamples> {
    const releases = mixOf(seed);
    const random = seededRandom(seed + 1);
    const ready: ReadyCampaign[] = [];
    for (const release of releases) ready.push(await prepareCampaign(this.#tenantFor(release, random), { lane: release.lane + 1 }));
    this.world.sms.forget();
    const start = performance.now();
    const live: Promise<readonly Look[]>[] = LIVE_LOOKS_MS.map(async (ms) => {
      await until(start + ms);
      return this.#look(ready);
    });
    const begun: Begun[] = await Promise.all(
      ready.map(async (campaign, place) => {
        await until(start + (releases[place]?.at ?? 0));
        return { ...(await releaseCampaign(campaign)), asked: releases[place]?.asked ?? false };
      }),
    );
    const complete = await this.world.sms.until(
      (ledger) => ready.every((one) => ledger.of(one.campaignId).length >= one.units),
      MIX_DEADLINE_MS,
    );
    if (!complete) throw new Error(`Mix ${mix} was not complete within ${MIX_DEADLINE_MS / 1_000} s: its figures would mean nothing.`);
    const looks = (await Promise.all(live)).flat();
    const end = (campaignId: string): number => this.world.sms.of(campaignId).at(-1)?.at ?? NaN;
    const foreseen = begun.flatMap(({ campaign, calledAt, forecast, asked }) =>
      forecast ? [{ asked, sample: { mix, at: calledAt, p50: forecast.p50, p95: forecast.p95, actual: end(campaign.campaignId) } }] : [],
    );
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    return {
      asked: foreseen.filter(({ asked }) => asked).map(({ sample }) => sample),
      running: foreseen.filter(({ asked }) => !asked).map(({ sample }) => sample),
      live: looks
        .map(({ campaignId, at, p50, p95 }) => ({ mix, at, p50, p95, actual: end(campaignId) }))
        .filter(({ at, actual }) => actual - at >= LEAST_LEFT_MS),
      unforeseen: begun.length - foreseen.length,
    };
  }

  /** One of those with the nearest size. */
  #tenantFor({ contacts }: MixedRelease, random: () => number): WorldTenant {
    const near = this.tenants
      .toSorted((a, b) => Math.abs(a.contacts - contacts) - Math.abs(b.contacts - contacts))
      .slice(0, TENANTS_A_SIZE);
    const tenant = near[Math.floor(random() * near.length)];
    if (tenant === undefined) throw new Error('no tenants');
    return tenant;
  }

  async #look(ready: readonly ReadyCampaign[]): Promise<readonly Look[]> {
    const looks = await Promise.all(
      ready.map(async ({ tenant, campaignId }): Promise<Look[]> => {
        const at = Date.now();
        const request = { tenantId: tenant.tenantId, campaignId };
        const { campaign } = await tenant.agent.campaigns.getCampaign(request, { deadlineMs: CALL_DEADLINE_MS });
        return campaign?.forecast ? [{ campaignId, at, p50: campaign.forecast.p50, p95: campaign.forecast.p95 }] : [];
      }),
    );
    return looks.flat();
  }
}

interface Look {
  readonly campaignId: string;
  /** Unix ms. */
  readonly at: number;
  readonly p50: number;
  readonly p95: number;
}

async function until(moment: number): Promise<void> {
  const ms = moment - performance.now();
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
