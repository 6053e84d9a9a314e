import type { HeldItem } from './held-item.js';

/** The granted items not yet submitted, ordered by lane, then tag, then arrival (an item that a floor let pass stands in the place it was given); one heap a share, so that a full share holds up no other. */
export class HeldWindow {
  readonly #heaps = new Map<number, HeldItem[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  countOf(share: number): number {
    return this.#heaps.get(share)?.length ?? 0;
  }

  push(item: HeldItem): void {
    let heap = this.#heaps.get(item.share);
    if (!heap) this.#heaps.set(item.share, (heap = []));
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
    for (const [share, heap] of this.#heaps) {
      if (heap.length === 0 || !allowed(share)) continue;
      const first = mayDoubt(share) ? heap[0] : firstInDoubt(heap);
      if (first && (!best || before(first, best))) best = first;
    }
    return best;
  }

  /** Takes off the item that peek answered. */
  take(item: HeldItem): void {
    const heap = this.#heaps.get(item.share);
    const at = heap?.indexOf(item) ?? -1;
    if (!heap || at < 0) throw new Error('only a held item can be taken');
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
    for (const [share, heap] of this.#heaps) {
      const kept = heap.filter((item) => !(matches(item) && removed.push(item) > 0));
      if (kept.length === heap.length) continue;
      for (let at = (kept.length >> 1) - 1; at >= 0; at--) siftDown(kept, at);
      this.#heaps.set(share, kept);
    }
    this.#size -= removed.length;
    return removed;
  }

  clear(): HeldItem[] {
    return this.removeWhere(() => true);
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
