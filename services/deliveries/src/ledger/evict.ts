import { needsWatching } from '../core/part.js';
import type { LedgerPartition } from './ledger-partition.js';
import { isClean } from './resident.js';

/** Clean slices kept in memory by one process, about 20 KB each. */
const MAX_RESIDENT_SLICES = 2_000;
/** Settled parts kept in memory by one process. */
const MAX_RESIDENT_PARTS = 1_000;

/** Lets the least recently used clean slices and settled parts leave memory; `owners` partitions share the process's room. */
export function evict(partition: LedgerPartition, owners: number): void {
  const slices = Math.floor(MAX_RESIDENT_SLICES / Math.max(1, owners));
  for (const [key, resident] of partition.slices) {
    if (partition.slices.size <= slices) break;
    if (isClean(resident) && resident.pins === 0 && !resident.firing) partition.slices.delete(key);
  }
  const used = new Set([...partition.slices.values()].map((resident) => resident.part));
  const parts = Math.floor(MAX_RESIDENT_PARTS / Math.max(1, owners));
  for (const [key, resident] of partition.parts) {
    if (partition.parts.size <= parts) break;
    const idle = resident.dirtySince === 0 && resident.holds.size === 0 && resident.holdsInFlight.size === 0;
    if (idle && !needsWatching(resident.part) && !used.has(resident)) partition.parts.delete(key);
  }
}
