import { releaseCampaign } from '../world/world-campaign.js';
import type { WorldTenant } from '../world/world-tenant.js';
import { RATE, type Stage } from './stage.js';

/** A city that takes twice as long as it should is a fault, not a figure. */
const SLACK = 2;

/** The city alone, from its release call to its last unit, over what its units take at the provider's whole rate. */
export async function drainCity(stage: Stage, tenant: WorldTenant): Promise<number> {
  const [city] = await stage.prepare([tenant]);
  if (city === undefined) throw new Error('there is a city');
  const released = await releaseCampaign(city);
  const idealMs = (city.units / RATE) * 1_000;
  await stage.untilComplete([released], idealMs * SLACK);
  const { calledAt, completedAt = Infinity } = stage.seen(released);
  await stage.clear([released]);
  return (completedAt - calledAt) / idealMs;
}
