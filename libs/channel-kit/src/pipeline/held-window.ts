import type { HeldItem } from './held-item.js';
import type { PacedRoute } from './paced-route.js';

/** By share: few, and numbered from 0. */
type Heaps = HeldItem[][];

/** The granted items not yet submitted, ordered by lane, then tag, then arrival (an item that a floor let pass stands in the place it was given); one heap a share, so that a full share holds up no other. */
export class HeldWindow {
  readonly #free: Heaps = [];
  /** Items that wait for one route of several; seldom any. */
  readonly #pinned = new Map<PacedRoute, Heaps>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  countOf(share: number): number {
    let count = this.#free[share]?.length ?? 0;
    for (const heaps of this.#pinned.values()) count += heaps[share]?.length ?? 0;
    return count;
  }

  push(item: HeldItem): void {
    const heap = this.#heapOf(item);
    heap.push(item);
    siftUp(heap, heap.length - 1);
    this.#size += 1;
  }

  /**
   * The first item of the shares that may submit now, by a route if one is named: no other sees what waits for it. A share that may have nothing more in
   * doubt still lets what already is in doubt go: only its answer makes room, and without it nothing would ever move again.
   */
  peek(allowed: (share: number) => boolean, mayDoubt: (share: number) => boolean = () => true, route?: PacedRoute): HeldItem | undefined {
    const free = firstOf(this.#free, allowed, mayDoubt);
    const heaps = route && this.#pinned.size > 0 ? this.#pinned.get(route) : undefined;
    const own = heaps && firstOf(heaps, allowed, mayDoubt);
    return own && (!free || before(own, free)) ? own : free;
  }

  /** Takes off the item that peek answered. */
  take(item: HeldItem): void {
    const heap = this.#heapOf(item);
    const at = heap[0] === item ? 0 : heap.indexOf(item);
    if (at < 0) throw new Error('only a held item can be taken');
    const last = heap.pop();
    if (last && last !== item) {
      heap[at] = last;
      siftDown(heap, at);
      siftUp(heap, at);
    }
    this.#size -= 1;
  }

  /** Lets items that wait for a route that cannot be used go by any other. */
  unpin(route: PacedRoute, now: number): void {
    const heaps = this.#pinned.get(route);
    if (!heaps) return;
    const waited = takeWhere(heaps, (item) => item.pinnedUntil <= now);
    if (heaps.every((heap) => heap.length === 0)) this.#pinned.delete(route);
    this.#size -= waited.length;
    for (const item of waited) {
      item.pinned = undefined;
      this.push(item);
    }
  }

  /** Takes out every item that matches, in no order: a stopped campaign, what has expired. */
  removeWhere(matches: (item: HeldItem) => boolean): HeldItem[] {
    const removed = [this.#free, ...this.#pinned.values()].flatMap((heaps) => takeWhere(heaps, matches));
    this.#size -= removed.length;
    return removed;
  }

  clear(): HeldItem[] {
    return this.removeWhere(() => true);
  }

  #heapOf({ share, pinned }: HeldItem): HeldItem[] {
    const heaps = pinned ? this.#heapsOf(pinned) : this.#free;
    while (heaps.length <= share) heaps.push([]);
    return heaps[share] ?? [];
  }

  #heapsOf(route: PacedRoute): Heaps {
    let heaps = this.#pinned.get(route);
    if (!heaps) this.#pinned.set(route, (heaps = []));
    return heaps;
  }
}

function firstOf(heaps: Heaps, allowed: (share: number) => boolean, mayDoubt: (share: number) => boolean): HeldItem | undefined {
  let best: HeldItem | undefined;
  for (let share = 0; share < heaps.length; share++) {
    const heap = heaps[share];
    if (!heap || heap.length === 0 || !allowed(share)) continue;
    const first = mayDoubt(share) ? heap[0] : firstInDoubt(heap);
    if (first && (!best || before(first, best))) best = first;
  }
  return best;
}

function takeWhere(heaps: Heaps, matches: (item: HeldItem) => boolean): HeldItem[] {
  const removed: HeldItem[] = [];
  for (const [share, heap] of heaps.entries()) {
    const kept = heap.filter((item) => !(matches(item) && removed.push(item) > 0));
    if (kept.length === heap.length) continue;
    for (let at = (kept.length >> 1) - 1; at >= 0; at--) siftDown(kept, at);
    heaps[share] = kept;
  }
  return removed;
}

function before(a: HeldItem, b: HeldItem): boolean {
  if (a.orderLane !== b.orderLane) return a.orderLane < b.orderLane;
  if (a.orderTag !== b.orderTag) return a.orderTag < b.orderTag;
  return a.arrival < b.arrival;
}

/** Reads the whole heap: only while a share's cap is full. */
function firstInDoubt(heap: readonly HeldItem[]): HeldItem | undefined {
  let first: HeldItem | undefined;
  for (const item of heap) if (item.inDoubt && (!first || before(item, first))) first = item;
  return first;
}

function siftUp(heap: HeldItem[], start: number): void {
  let at = start;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const [child, above] = [heap[at], heap[parent]];
    if (!child || !above || !before(child, above)) return;
    heap[at] = above;
    heap[parent] = child;
    at = parent;
  }
}

function siftDown(heap: HeldItem[], start: number): void {
  let at = start;
  for (;;) {
    const left = 2 * at + 1;
    const [item, first, second] = [heap[at], heap[left], heap[left + 1]];
    if (!item || !first) return;
    const smaller = second && before(second, first) ? left + 1 : left;
    const child = heap[smaller];
    if (!child || !before(child, item)) return;
    heap[at] = child;
    heap[smaller] = item;
    at = smaller;
  }
}
