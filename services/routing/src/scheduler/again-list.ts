import { FlowHeap, type HeapMember } from '@tocsin/fairness';
import type { SliceItem } from '@tocsin/contracts/routing/v1/plans';
import { PackedItems } from './packed-items.js';

/** Items of one slice to be granted out of the plan's order: retries, escalations, given back. */
export interface AgainGroup {
  readonly slice: number;
  readonly n: number;
  /** Unix ms; not before. */
  readonly dueAt: number;
  readonly indices: Set<number>;
}

export interface AgainItem {
  readonly slice: number;
  readonly item: SliceItem;
  readonly n: number;
}

/** Slices of out-of-order items loaded ahead at once, per campaign: a retry wave of a whole city must not fill memory. */
export const AGAIN_SLICES_AHEAD = 2;

/** A slice with groups; its key is the due time of the first, and its groups are in the order they fall due. */
class SliceGroups implements HeapMember {
  key = Infinity;
  slot = -1;
  readonly groups: AgainGroup[] = [];
  /** Held only while the slice is at the front. */
  content: PackedItems | undefined;

  constructor(
    readonly slice: number,
    readonly arrival: number,
  ) {}
}

/** What a campaign has to grant beside its cursor, in the order slices fall due: a wave of thousands of slices costs O(log slices) a change. */
export class AgainList {
  private readonly bySlice = new Map<number, SliceGroups>();
  /** Slices that wait for their time or for a place at the front. */
  private readonly waiting = new FlowHeap<SliceGroups>();
  /** Slices whose time has come and whose content is held or wanted. */
  private readonly front: SliceGroups[] = [];
  private arrivals = 0;

  get empty(): boolean {
    return this.bySlice.size === 0;
  }

  /** Items held of loaded slices, for the bound of the channel. */
  get cachedItems(): number {
    let items = 0;
    for (const { content } of this.front) items += content?.length ?? 0;
    return items;
  }

  has(slice: number, index: number, n: number): boolean {
    return this.bySlice.get(slice)?.groups.some((group) => group.n === n && group.indices.has(index)) ?? false;
  }

  add(slice: number, n: number, dueAt: number, indices: Iterable<number>): void {
    let groups = this.bySlice.get(slice);
    if (!groups) this.bySlice.set(slice, (groups = new SliceGroups(slice, ++this.arrivals)));
    const known = groups.groups.find((group) => group.n === n && group.dueAt === dueAt);
    if (known) {
      for (const index of indices) known.indices.add(index);
      return;
    }
    let place = groups.groups.length;
    while (place > 0 && (groups.groups[place - 1]?.dueAt ?? 0) > dueAt) place--;
    groups.groups.splice(place, 0, { slice, n, dueAt, indices: new Set(indices) });
    this.settle(groups);
  }

  /** Granted already: forgets it. */
  drop(slice: number, index: number, n: number): void {
    const groups = this.bySlice.get(slice);
    if (!groups) return;
    for (const group of groups.groups) if (group.n === n) group.indices.delete(index);
    this.forgetEmpty(groups);
  }

  clear(): void {
    for (const groups of this.bySlice.values()) this.waiting.remove(groups);
    this.bySlice.clear();
    this.front.length = 0;
  }

  /** Whether `next` would answer something. */
  ready(now: number): boolean {
    return this.next(now) !== undefined;
  }

  /** The first item that is due and whose content is here; takes nothing. */
  next(now: number): AgainItem | undefined {
    if (this.empty) return undefined;
    this.advance(now);
    for (let place = 0; ;) {
      const groups = this.front[place];
      if (!groups) return undefined;
      const item = groups.content && this.firstOf(groups, groups.content, now);
      if (item) return item;
      // A slice that turned out to hold nothing more has left the front.
      if (this.front[place] === groups) place++;
    }
  }

  /** Whether `wanted` would name a slice. */
  wants(now: number): boolean {
    return !this.empty && this.wanted(now).length > 0;
  }

  /** Slices whose content is wanted now, soonest due first. */
  wanted(now: number): number[] {
    if (this.empty) return [];
    this.advance(now);
    return this.front.filter(({ content }) => !content).map(({ slice }) => slice);
  }

  /** Content of a slice; dropped unless it is wanted. */
  loaded(slice: number, items: readonly SliceItem[]): void {
    const groups = this.front.find((one) => one.slice === slice);
    if (groups) groups.content = new PackedItems(items);
  }

  /** Lets go of all contents: they are wanted again when there is something to grant. */
  unload(): void {
    for (const groups of this.front) groups.content = undefined;
  }

  /** When time alone makes more of it due, Unix ms, always after `now`; Infinity = never. */
  nextDue(now: number): number {
    if (this.empty) return Infinity;
    this.advance(now);
    // Whoever is due and waits for a place at the front is woken by what leaves it.
    const waiting = this.waiting.first()?.key ?? Infinity;
    let soonest = waiting > now ? waiting : Infinity;
    for (const { groups } of this.front) {
      const later = groups.find(({ dueAt }) => dueAt > now);
      if (later) soonest = Math.min(soonest, later.dueAt);
    }
    return soonest;
  }

  /** In the order they fall due. */
  all(): readonly AgainGroup[] {
    return [...this.bySlice.values()].flatMap(({ groups }) => groups).sort((a, b) => a.dueAt - b.dueAt);
  }

  /** Brings slices to the front whose time has come, and away from it those whose next group is not due yet. */
  private advance(now: number): void {
    for (let place = this.front.length - 1; place >= 0; place--) {
      const groups = this.front[place];
      if (!groups || groups.key <= now) continue;
      this.front.splice(place, 1);
      groups.content = undefined;
      this.waiting.settle(groups);
    }
    while (this.front.length < AGAIN_SLICES_AHEAD) {
      const soonest = this.waiting.first();
      if (!soonest || soonest.key > now) return;
      this.waiting.remove(soonest);
      this.front.push(soonest);
    }
  }

  private firstOf(groups: SliceGroups, content: PackedItems, now: number): AgainItem | undefined {
    for (let group = groups.groups[0]; group && group.dueAt <= now; group = groups.groups[0]) {
      for (const index of group.indices) {
        const item = content.at(content.placeOf(index), group.n);
        if (item) return { slice: group.slice, item, n: group.n };
        // The slice never had it: a due record cannot make a delivery that was not planned.
        group.indices.delete(index);
      }
      this.forgetEmpty(groups);
    }
    return undefined;
  }

  private settle(groups: SliceGroups): void {
    groups.key = groups.groups[0]?.dueAt ?? Infinity;
    if (!this.front.includes(groups)) this.waiting.settle(groups);
  }

  private forgetEmpty(groups: SliceGroups): void {
    const { groups: all } = groups;
    for (let place = all.length - 1; place >= 0; place--) if (all[place]?.indices.size === 0) all.splice(place, 1);
    if (all.length > 0) {
      this.settle(groups);
      return;
    }
    this.bySlice.delete(groups.slice);
    this.waiting.remove(groups);
    const place = this.front.indexOf(groups);
    if (place >= 0) this.front.splice(place, 1);
  }
}
