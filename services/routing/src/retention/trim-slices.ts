import { sliceKey } from '@tocsin/contracts';
import type { StoreShare } from '@tocsin/mongo';
import type { PlanStore } from '../planner/plan-store.js';

/** Removes a plan's slices one by one; safe to repeat after a crash. False: its plan is not closed, so it is not known how many there are. */
export async function trimSlices(campaignId: string, plans: PlanStore, share: StoreShare, removed: () => void): Promise<boolean> {
  // Said first: from then on nobody plans or grants from what is about to go.
  const plan = await share.run(() => plans.update(campaignId, (known) => (known.trimmed || !known.closed ? null : { trimmed: true })));
  if (!plan) return true;
  if (!plan.closed) return false;
  for (let slice = 0; slice < plan.closed.slices; slice += 1) {
    if (await share.run(() => plans.slices.remove(sliceKey(campaignId, slice)))) removed();
  }
  return true;
}
