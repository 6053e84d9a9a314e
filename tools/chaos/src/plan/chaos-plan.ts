import { seededRandom } from '@tocsin/testing';
import { Chooser } from './chooser.js';
import type { FaultKind } from './fault-kinds.js';
import { planCampaigns, planTenants, type CampaignLoad, type PlannedCampaign, type PlannedTenant } from './plan-campaigns.js';
import { planFaults, type PlannedFault, type Subjects } from './plan-faults.js';

export interface ChaosPlan {
  readonly seed: number;
  readonly faults: readonly PlannedFault[];
  readonly tenants: readonly PlannedTenant[];
  readonly campaigns: readonly PlannedCampaign[];
}

export interface PlanWish {
  readonly seed: number;
  readonly kinds: readonly FaultKind[];
  readonly subjects: Subjects;
  readonly load: CampaignLoad;
  readonly faultCount: number;
}

/** Everything a run will do, decided by its seed, its size and what can be hit: the same wish, the same plan. */
export function planChaos({ seed, kinds, subjects, load, faultCount }: PlanWish): ChaosPlan {
  // Streams of their own: another kind of fault does not move every campaign.
  const faults = planFaults(new Chooser(seededRandom(seed)), kinds, subjects, load.runMs, faultCount);
  const choose = new Chooser(seededRandom(seed ^ 0x5eed));
  const tenants = planTenants(choose, load);
  return { seed, faults, tenants, campaigns: planCampaigns(choose, load, faults) };
}
