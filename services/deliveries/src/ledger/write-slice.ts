import type { Clock } from '@tocsin/service-kit';
import { countSlice } from '../core/counts.js';
import { toSliceDocument } from '../core/slice-document.js';
import { earliestTimer } from '../core/timers.js';
import type { LedgerPartition } from './ledger-partition.js';
import type { LedgerStore } from './ledger-store.js';
import { hold, type ResidentSlice, touchPart, touchSlice } from './resident.js';

/** Stores a slice guarded by its version; a lost guard puts the stored one in its place and folds again. False: it has to be written again. */
export async function writeSlice(partition: LedgerPartition, resident: ResidentSlice, store: LedgerStore, clock: Clock): Promise<boolean> {
  const { slice, part, v } = resident;
  const facts = resident.pending;
  const dirtySince = resident.dirtySince;
  resident.inFlight = facts;
  resident.pending = [];
  resident.dirtySince = 0;
  const document = toSliceDocument(slice, Math.max(1, v));
  const counts = countSlice(slice);
  const timer = earliestTimer(slice);
  try {
    const won = v === 0 ? await store.slices.insert(document) : await store.slices.replace(document);
    if (!won) {
      await partition.reload(resident);
      return false;
    }
  } catch (error) {
    resident.pending = [...facts, ...resident.pending];
    resident.inFlight = [];
    resident.dirtySince = dirtySince;
    throw error;
  }
  resident.v = Math.max(1, v + 1);
  resident.writtenAt = clock.monotonic();
  resident.inFlight = [];
  for (const fact of facts) hold(part.holds, fact.topic, fact.offset);
  part.part.slices.set(slice.number, { counts, timer });
  part.touched.add(slice.number);
  touchPart(part, resident.writtenAt);
  if (resident.pending.length > 0) touchSlice(resident, resident.writtenAt);
  return true;
}
