import { setTimeout as pause } from 'node:timers/promises';
import { sliceKey } from '@tocsin/contracts';
import type { StoreShare, Treated } from '@tocsin/mongo';
import type { Clock } from '@tocsin/service-kit';
import { isSettled, tallyOf } from '../core/part.js';
import type { LedgerPartition } from '../ledger/ledger-partition.js';
import type { LedgerStore } from '../ledger/ledger-store.js';
import { type ResidentPart, touchPart } from '../ledger/resident.js';

/** ms between two looks whether the ledger has stored a part. */
const LOOK = 100;
/** Looks until a part counts as not stored: the store is away, and the next sweep goes on where this one stopped. */
const MAX_LOOKS = 300;

export interface TrimDeps {
  readonly store: LedgerStore;
  readonly share: StoreShare;
  readonly clock: Clock;
  /** Whether the partition is still folded here, as this object, and the process does not stop. */
  readonly owns: (partition: LedgerPartition) => boolean;
  readonly removed: (slices: number) => void;
}

/**
 * Removes the recipients of a campaign's part: notes its counts for good, removes its slices one by one, then forgets which they were. Each step is
 * stored before the next, so that whoever comes after a crash goes on.
 */
export async function trimPart(partition: LedgerPartition, campaignId: string, deps: TrimDeps): Promise<Treated> {
  let resident = await partition.part(campaignId, '');
  if (resident.v === 0 && resident.dirtySince === 0) {
    // Listed, and its owner died before it was written: nobody was ever counted under this name.
    partition.parts.delete(resident.key);
    return 'done';
  }
  if (!resident.part.trimmed) {
    if (!isSettled(resident.part) || !partition.release(campaignId)) return 'later';
    resident.part.trimmed = tallyOf(resident.part);
    touchPart(resident, deps.clock.monotonic());
  }
  if (!(await isStored(resident, partition, deps))) return 'not-mine';
  resident = await partition.part(campaignId, '');
  const numbers = [...resident.part.slices.keys()];
  if (numbers.length === 0) return 'done';
  for (const number of numbers) {
    if (!deps.owns(partition)) return 'not-mine';
    await deps.share.run(() => deps.store.slices.remove(sliceKey(campaignId, number)));
    deps.removed(1);
  }
  resident = await partition.part(campaignId, '');
  resident.part.slices.clear();
  resident.touched.clear();
  touchPart(resident, deps.clock.monotonic());
  return (await isStored(resident, partition, deps)) ? 'done' : 'not-mine';
}

/** Waits until the ledger's own round has written the part: nobody else may write it. */
async function isStored(resident: ResidentPart, partition: LedgerPartition, { owns }: TrimDeps): Promise<boolean> {
  for (let looks = 0; looks < MAX_LOOKS && owns(partition); looks += 1) {
    if (resident.dirtySince === 0 && resident.holds.size === 0 && resident.holdsInFlight.size === 0 && resident.v > 0) return true;
    await pause(LOOK);
  }
  return false;
}
