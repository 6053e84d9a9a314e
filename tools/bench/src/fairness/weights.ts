import { setTimeout as wait } from 'node:timers/promises';
import { releaseCampaign } from '../world/world-campaign.js';
import type { WorldTenant } from '../world/world-tenant.js';
import { partsOfWeight, worstOfWeights } from './sharing.js';
import { RATE, type Stage } from './stage.js';

export const WEIGHTS = [1, 2, 5] as const;
/** Contacts of each: the heaviest has a backlog over the whole time. */
export const WEIGHTED_CONTACTS = 15_000;
/** All three have their first units and their head starts are over, ms. */
const SETTLED_AFTER_MS = 5_000;
const WATCHED_MS = 25_000;
const WINDOW_MS = 10_000;
const RUNNING_DEADLINE_MS = 30_000;

export interface WeightsFacts {
  /** Over the whole time watched: what each weight got as a part of what is its own. */
  readonly parts: Readonly<Record<string, number>>;
  /** Furthest from it in any window of 10 s. */
  readonly worst: number;
}

/** Three tenants of weights 1, 2 and 5 released together, all with a backlog. */
export async function watchWeights(stage: Stage, tenants: readonly WorldTenant[]): Promise<WeightsFacts> {
  const ready = await stage.prepare(tenants);
  const released = await Promise.all(ready.map((campaign) => releaseCampaign(campaign)));
  await stage.require('three weighted tenants to run', RUNNING_DEADLINE_MS, () =>
    ready.every((campaign) => stage.unitsOf(campaign) > RATE / 10),
  );
  await wait(SETTLED_AFTER_MS);
  const from = Date.now();
  const to = from + WATCHED_MS;
  await wait(WATCHED_MS + 1_000);
  const weights = new Map(ready.map(({ campaignId, tenant }) => [campaignId, tenant.weight]));
  const units = stage.units();
  const parts = partsOfWeight(units, weights, from, to);
  const facts = {
    parts: Object.fromEntries(ready.map(({ campaignId, tenant }) => [tenant.weight, parts.get(campaignId) ?? 0])),
    worst: worstOfWeights(units, weights, from, to, WINDOW_MS),
  };
  await stage.clear(released);
  return facts;
}
