import type { HeldItem } from './held-item.js';

/** The granted items not yet submitted, ordered by lane, then tag, then arrival (an item that a floor let pass stands in the place it was given); one heap a share, so that a full share holds up no other. */
export class HeldWindow {
  /** By share: few, and numbered from 0. */
  readonly #heaps: HeldItem[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  countOf(share: number): number {
    return this.#heaps[share]?.length ?? 0;
  }

  push(item: HeldItem): void {
    const heap = this.#heapOf(item.share);
    heap.push(item);
    siftUp(heap, heap.length - 1);
    this.#size += 1;
  }

  /**
   * The first item of the shares that may submit now. A share that may have nothing more in doubt still lets what already is in doubt go: only its
   * answer makes room, and without it nothing would ever move again.
   */
  peek(allowed: (share: number) => boolean, mayDoubt: (share: number) => boolean = () => true): HeldItem | undefined {
    let best: HeldItem | undefined;
    for (let share = 0; share < this.#heaps.length; share++) {
      const heap = this.#heaps[share];
      if (!heap || heap.length === 0 || !allowed(share)) continue;
      const first = mayDoubt(share) ? heap[0] : firstInDoubt(heap);
      if (first && (!best || before(first, best))) best = first;
    }
    return best;
  }

  /** Takes off the item that peek answered. */
  take(item: HeldItem): void {
    const heap = this.#heapOf(item.share);
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

  /** Takes out every item that matches, in no order: a stopped campaign, what has expired. */
  removeWhere(matches: (item: HeldItem) => boolean): HeldItem[] {
    const removed: HeldItem[] = [];
    for (const [share, heap] of this.#heaps.entries()) {
      const kept = heap.filter((item) => !(matches(item) && removed.push(item) > 0));
      if (kept.length === heap.length) continue;
      for (let at = (kept.length >> 1) - 1; at >= 0; at--) siftDown(kept, at);
      this.#heaps[share] = kept;
    }
    this.#size -= removed.length;
    return removed;
  }

  clear(): HeldItem[] {
    return this.removeWhere(() => true);
  }

  #heapOf(share: number): HeldItem[] {
    while (this.#heaps.length <= share) this.#heaps.push([]);
    return this.#heaps[share] ?? [];
  }
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
