import { SLICE_SIZE } from '@tocsin/contracts';

/** Slices remembered, 250 bytes each: five million deliveries of the channel. */
const MAX_SLICES = 20_000;
/** Grants given back that may be read again after a crash; a pause gives back at most what was held. */
const MAX_RETURNED = 20_000;

/** One grant of an item: its tag, which the scheduler hands out once, and the Unix ms at which it was granted or given back. */
export interface GrantMark {
  readonly at: number;
  readonly tag: number;
}

/** The highest attempt number recorded for each delivery of the channel, by any instance: what was attempted is never submitted again. */
export class AttemptIndex {
  readonly #slices = new Map<string, Uint8Array>();
  /** "<slice key>:<index>#<n>" -> the latest return. */
  readonly #returned = new Map<string, GrantMark>();

  record(sliceKey: string, index: number, n: number): void {
    let slice = this.#slices.get(sliceKey);
    if (!slice) {
      slice = new Uint8Array(SLICE_SIZE);
      this.#slices.set(sliceKey, slice);
      if (this.#slices.size > MAX_SLICES) evictOldest(this.#slices);
    }
    if (index < SLICE_SIZE && n > (slice[index] ?? 0)) slice[index] = Math.min(n, 255);
  }

  /** A grant given back unsent: the scheduler grants the same n again, so n stays free. */
  recordReturn(sliceKey: string, index: number, n: number, returned: GrantMark): void {
    const key = `${sliceKey}:${index}#${n}`;
    this.#returned.delete(key);
    this.#returned.set(key, returned);
    if (this.#returned.size > MAX_RETURNED) evictOldest(this.#returned);
  }

  attempted(sliceKey: string, index: number, n: number): boolean {
    return (this.#slices.get(sliceKey)?.[index] ?? 0) >= n;
  }

  /** Whether this very grant has already been given back. By its tag too: two hosts' clocks differ, and a grant taken for returned is never sent. */
  wasReturned(sliceKey: string, index: number, n: number, granted: GrantMark): boolean {
    if (this.#returned.size === 0) return false;
    const returned = this.#returned.get(`${sliceKey}:${index}#${n}`);
    return returned !== undefined && returned.tag === granted.tag && returned.at >= granted.at;
  }
}

function evictOldest(map: Map<string, unknown>): void {
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
