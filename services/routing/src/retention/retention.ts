import { DaySweep, dayOf, StoreShare } from '@tocsin/mongo';
import type { Logger, Metrics } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import type { PlanStore } from '../planner/plan-store.js';
import { trimSlices } from './trim-slices.js';

/**
 * Days a plan without slices is kept: longer than topics (7) and dead letters (30) keep the release that made it, or that release, read once more,
 * would be planned and sent anew.
 */
export const PLAN_DAYS = 60;

export interface RetentionDeps {
  readonly plans: PlanStore;
  /** Partitions of the campaigns' events this instance reads. */
  readonly owned: () => readonly number[];
  /** Part of the store's time, 0 to 1. */
  readonly share: number;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Finished campaigns of a partition by the day their sealed parts go. */
export function sealedList(partition: number): string {
  return `sealed:${partition}`;
}

/** Campaigns without sealed parts by the day their plan goes. */
export function planList(partition: number): string {
  return `plan:${partition}`;
}

/** Removes the slices of finished campaigns, addresses and all, and later their plans, while campaigns run. */
export function retention({ plans, owned, share, clock, metrics, logger }: RetentionDeps): DaySweep {
  const removed = metrics.counter({ name: 'retention_slices_removed_total', help: 'Slices removed with what was sealed in them.' });
  const storeShare = new StoreShare(share);
  const sweep: DaySweep = new DaySweep({
    lists: plans.finished,
    owned: () => owned().flatMap((partition) => [sealedList(partition), planList(partition)]),
    async treat(list, campaignId) {
      // A page takes minutes, in which its list may go to another process: a plan must not be forgotten because its list is no longer ours.
      const partition = owned().find((own) => list === sealedList(own) || list === planList(own));
      if (partition === undefined) return 'not-mine';
      if (list === planList(partition)) {
        await storeShare.run(() => plans.forget(campaignId));
        return 'done';
      }
      const trimmed = await trimSlices(campaignId, plans, {
        share: storeShare,
        removed: () => removed.add(),
        goesOn: () => !sweep.stopping,
      });
      if (trimmed !== 'done') return trimmed;
      await plans.finished.add(planList(partition), dayOf(clock.now()) + PLAN_DAYS, [campaignId]);
      return 'done';
    },
    now: () => clock.now(),
    metrics,
    logger,
  });
  return sweep;
}
