import { sliceKey } from '@tocsin/contracts';
import type { StoreShare, Treated } from '@tocsin/mongo';
import type { PlanStore } from '../planner/plan-store.js';

export interface TrimDeps {
  readonly share: StoreShare;
  readonly removed: () => void;
  /** False: the process stops, and what is left is removed by whoever looks next. */
  readonly goesOn: () => boolean;
}

/** Removes a plan's slices one by one; safe to repeat after a crash. 'later': its plan is not closed, so it is not known how many there are. */
export async function trimSlices(campaignId: string, plans: PlanStore, { share, removed, goesOn }: TrimDeps): Promise<Treated> {
  // Said first: from then on nobody plans or grants from what is about to go.
  const plan = await share.run(() => plans.update(campaignId, (known) => (known.trimmed || !known.closed ? null : { trimmed: true })));
  if (!plan) return 'done';
  if (!plan.closed) return 'later';
  for (let slice = 0; slice < plan.closed.slices; slice += 1) {
    if (!goesOn()) return 'not-mine';
    if (await share.run(() => plans.slices.remove(sliceKey(campaignId, slice)))) removed();
  }
  return 'done';
}
