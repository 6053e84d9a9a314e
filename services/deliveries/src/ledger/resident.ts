import type { Part } from '../core/part.js';
import type { Slice } from '../core/slice.js';
import type { SliceFact } from '../core/fold.js';

/** A slice in memory, and what of it the store does not know yet. */
export interface ResidentSlice {
  slice: Slice;
  readonly key: string;
  readonly part: ResidentPart;
  /** Version of the stored document, 0 = none. */
  v: number;
  /** Monotonic ms since when it differs from the store, 0 = clean. */
  dirtySince: number;
  /** Monotonic ms of the last acknowledged write. */
  writtenAt: number;
  /** Facts folded since the last write began; folded again should the guard be lost. */
  pending: SliceFact[];
  /** Facts of the write that runs. */
  inFlight: readonly SliceFact[];
  /** Grants may be due: asked for once the facts that made them are stored. */
  firing: boolean;
  /** Handlers that hold it: it must not be evicted. */
  pins: number;
}

/** A campaign's part in memory; `holds` are the lowest offsets per topic whose slices are stored and whose tally is not emitted yet. */
export interface ResidentPart {
  part: Part;
  readonly key: string;
  v: number;
  dirtySince: number;
  writtenAt: number;
  holds: Map<string, number>;
  holdsInFlight: ReadonlyMap<string, number>;
  /** Slices whose counts changed since the last acknowledged write. */
  touched: Set<number>;
  marked: boolean;
  /** It stands in the list of what retention looks at, as far as this process knows. */
  listed: boolean;
}

/** Keeps the lowest offset of a topic. */
export function hold(holds: Map<string, number>, topic: string, offset: number): void {
  holds.set(topic, Math.min(offset, holds.get(topic) ?? Number.MAX_SAFE_INTEGER));
}

export function isClean(resident: ResidentSlice): boolean {
  return resident.dirtySince === 0 && resident.pending.length === 0 && resident.inFlight.length === 0;
}

export function touchPart(part: ResidentPart, now: number): void {
  if (part.dirtySince === 0) part.dirtySince = now;
}

export function touchSlice(resident: ResidentSlice, now: number): void {
  if (resident.dirtySince === 0) resident.dirtySince = now;
}
