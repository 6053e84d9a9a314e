import { DaySweep, StoreShare } from '@tocsin/mongo';
import type { Logger, Metrics } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import type { Ledger } from '../ledger/ledger.js';
import type { LedgerPartition } from '../ledger/ledger-partition.js';
import type { LedgerStore } from '../ledger/ledger-store.js';
import { endedList } from './list-ended.js';
import { trimPart } from './trim-part.js';

export interface RetentionDeps {
  readonly ledger: Ledger;
  readonly store: LedgerStore;
  /** Part of the store's time, 0 to 1. */
  readonly share: number;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Removes the recipients of campaigns whose retention has ended, in the partitions this process folds, while campaigns run. */
export function retention({ ledger, store, share, clock, metrics, logger }: RetentionDeps): DaySweep {
  const removed = metrics.counter({ name: 'retention_slices_removed_total', help: 'Slices whose recipients were removed.' });
  const deps = {
    store,
    share: new StoreShare(share),
    clock,
    owns: (partition: LedgerPartition): boolean => !sweep.stopping && ledger.owned().includes(partition),
    removed: (slices: number) => removed.add({}, slices),
  };
  const sweep: DaySweep = new DaySweep({
    lists: store.ended,
    owned: () => ledger.owned().map(({ partition }) => endedList(partition)),
    async treat(list, campaignId) {
      const partition = ledger.owned().find((owned) => endedList(owned.partition) === list);
      return partition ? trimPart(partition, campaignId, deps) : 'not-mine';
    },
    now: () => clock.now(),
    metrics,
    logger,
  });
  return sweep;
}
