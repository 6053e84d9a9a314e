import type { SliceItem } from '@tocsin/contracts/routing/v1/plans';

/** Items of one slice to be granted out of the plan's order: retries, escalations, given back. */
export interface AgainGroup {
  readonly slice: number;
  readonly n: number;
  /** Unix ms; not before. */
  readonly dueAt: number;
  readonly indices: Set<number>;
}

/** Slices of out-of-order items loaded ahead at once, per campaign: a retry wave of a whole city must not fill memory. */
export const AGAIN_SLICES_AHEAD = 2;

/** What a campaign has to grant beside its cursor, in the order it falls due; contents of slices come and go. */
export class AgainList {
  private readonly groups: AgainGroup[] = [];
  private readonly contents = new Map<number, ReadonlyMap<number, SliceItem>>();

  get empty(): boolean {
    return this.groups.length === 0;
  }

  /** Items held of loaded slices, for the bound of the channel. */
  get cachedItems(): number {
    let items = 0;
    for (const content of this.contents.values()) items += content.size;
    return items;
  }

  has(slice: number, index: number, n: number): boolean {
    return this.groups.some((group) => group.slice === slice && group.n === n && group.indices.has(index));
  }

  add(slice: number, n: number, dueAt: number, indices: readonly number[]): void {
    const known = this.groups.find((group) => group.slice === slice && group.n === n && group.dueAt === dueAt);
    if (known) {
      for (const index of indices) known.indices.add(index);
      return;
    }
    let place = this.groups.length;
    while (place > 0 && (this.groups[place - 1]?.dueAt ?? 0) > dueAt) place--;
    this.groups.splice(place, 0, { slice, n, dueAt, indices: new Set(indices) });
  }

  /** Granted already: forgets it. */
  drop(slice: number, index: number, n: number): void {
    for (const group of this.groups) if (group.slice === slice && group.n === n) group.indices.delete(index);
    this.forgetEmpty();
  }

  clear(): void {
    this.groups.length = 0;
    this.contents.clear();
  }

  /** The first item that is due and whose content is here; takes nothing. */
  next(now: number): { readonly slice: number; readonly item: SliceItem } | undefined {
    for (const group of this.groups) {
      if (group.dueAt > now) return undefined;
      const content = this.contents.get(group.slice);
      if (!content) continue;
      for (const index of group.indices) {
        const item = content.get(index);
        if (item) return { slice: group.slice, item: { ...item, n: group.n } };
        // The slice never had it: a due record cannot make a delivery that was not planned.
        group.indices.delete(index);
      }
    }
    return undefined;
  }

  /** Slices whose content is wanted now, soonest due first. */
  wanted(now: number): number[] {
    const slices = new Set<number>();
    for (const group of this.groups) {
      if (group.dueAt > now || slices.size >= AGAIN_SLICES_AHEAD) break;
      slices.add(group.slice);
    }
    return [...slices].filter((slice) => !this.contents.has(slice));
  }

  loaded(slice: number, items: readonly SliceItem[]): void {
    if (this.groups.some((group) => group.slice === slice)) this.contents.set(slice, new Map(items.map((item) => [item.index, item])));
    this.forgetEmpty();
  }

  /** Unix ms of the first group, undefined when there is none. */
  firstDueAt(): number | undefined {
    return this.groups[0]?.dueAt;
  }

  all(): readonly AgainGroup[] {
    return this.groups;
  }

  /** Forgets groups without items and contents nobody waits for. */
  forgetEmpty(): void {
    for (let place = this.groups.length - 1; place >= 0; place--) if (this.groups[place]?.indices.size === 0) this.groups.splice(place, 1);
    for (const slice of this.contents.keys()) if (!this.groups.some((group) => group.slice === slice)) this.contents.delete(slice);
  }
}
