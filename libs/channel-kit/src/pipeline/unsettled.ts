import { SLICE_SIZE } from '@tocsin/contracts';
import type { HeldItem } from './held-item.js';

/**
 * Every item held, submitted, or recorded and not yet acknowledged, by its delivery and attempt number. A slice's key is one text for all its items and an
 * item's place in it a number: a text for each item would be made and hashed only to be looked up (0.5 µs a message). Bounded by what is held and in doubt.
 */
export class Unsettled {
  readonly #slices = new Map<string, Map<number, HeldItem>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The item on its way for the same delivery and attempt number, which may be another than this one. */
  find(item: HeldItem): HeldItem | undefined {
    return this.#slices.get(item.sliceKey)?.get(placeOf(item));
  }

  add(item: HeldItem): void {
    let slice = this.#slices.get(item.sliceKey);
    if (!slice) this.#slices.set(item.sliceKey, (slice = new Map()));
    this.#size -= slice.size;
    slice.set(placeOf(item), item);
    this.#size += slice.size;
  }

  /** Forgets this very item; one that took its place stays. */
  remove(item: HeldItem): void {
    const slice = this.#slices.get(item.sliceKey);
    const place = placeOf(item);
    if (slice?.get(place) !== item) return;
    slice.delete(place);
    this.#size -= 1;
    if (slice.size === 0) this.#slices.delete(item.sliceKey);
  }
}

function placeOf(item: HeldItem): number {
  return item.n * SLICE_SIZE + item.index;
}
