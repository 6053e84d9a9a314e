import type { CampaignFrame, SliceItem } from '@tocsin/contracts/routing/v1/plans';
import { AgainList } from './again-list.js';
import { CampaignWork } from './campaign-work.js';
import { PackedItems } from './packed-items.js';

/** First slice and index that was never granted. */
export interface Cursor {
  readonly slice: number;
  readonly index: number;
}

export type CloseReason = 'CANCELLED' | 'EXPIRED';

export interface NextItem {
  readonly slice: number;
  readonly item: SliceItem;
  /** Attempt number it is granted for. */
  readonly n: number;
  readonly outOfOrder: boolean;
}

/** What the channel's memory still allows: the first slice of a campaign, and slices behind the first. */
export interface Room {
  readonly first: boolean;
  readonly ahead: boolean;
}

/** Slices of one campaign kept ready behind the one being granted: two cover a reload from the store at any rate a provider has. */
export const SLICES_AHEAD = 2;

/**
 * A campaign on one channel: its backlog is a cursor over slices, never a queue. Holds the contents of a few slices only; the others are
 * read from the store when the cursor comes near.
 */
export class CampaignQueue {
  frame: CampaignFrame | undefined;
  /** 0 = most severe; undefined until the frame, or a checkpoint, has said it. */
  lane: number | undefined;
  /** Slices announced, from 0 on without a gap. */
  known = 0;
  /** Slices in all, once the plan has ended. */
  slices: number | undefined;
  cursor: Cursor = { slice: 0, index: 0 };
  paused = false;
  /** Nothing of it may go for a while: its contents are somewhere else until then. */
  asleep = false;
  /** In-order items announced, of slices below `counted`; and items granted for the first time. What a spread reckons with. */
  items = 0;
  counted = 0;
  gone = 0;
  /** Reasons why it is slow that its agents were told, as far as Kafka has it. */
  readonly told = new Set<string>();
  /** Version of the campaign that the last control came from; older ones are ignored. */
  controlVersion = 0;
  /** `revision` grows when something outstanding at the close will not end by its attempt: the ledger must be told anew. */
  closing: { readonly reason: CloseReason; published: boolean; revision: number } | undefined;
  /** Unix ms at which slices were announced here, by number; not known of those announced before a takeover. */
  private readonly announcedAt: number[] = [];
  /** Unix ms of the last grant; 0 = none here. */
  grantedAt = 0;
  readonly again = new AgainList();
  readonly work = new CampaignWork();
  /** Contents of the slices from cursor.slice on. */
  private readonly ahead: PackedItems[] = [];
  /** Place of the next item in ahead[0]. */
  private place = 0;

  constructor(
    readonly campaignId: string,
    readonly tenantId: string,
  ) {}

  /** A slice was planned; its content is kept when the cursor will need it soon, else read again later. */
  announce(slice: number, items: readonly SliceItem[], room: Room, now = 0): void {
    this.known = Math.max(this.known, slice + 1);
    // After a takeover grants may have told of a slice before its announcement is read once more.
    if (slice >= this.counted) {
      if (now > 0) this.announcedAt[slice] = now;
      this.counted = slice + 1;
      this.items += items.length;
      this.work.plan(items);
    }
    this.offer(slice, items, room);
  }

  /** Content of a slice the cursor wants. */
  offer(slice: number, items: readonly SliceItem[], room: Room): void {
    if (this.closing || this.asleep || slice !== this.cursor.slice + this.ahead.length || this.ahead.length > SLICES_AHEAD) return;
    // A slice without items takes no room, and the cursor must step over it.
    if (items.length > 0 && !(this.ahead.length > 0 ? room.ahead : room.first)) return;
    this.ahead.push(new PackedItems(items));
    if (this.ahead.length === 1) this.findPlace();
  }

  /** What comes next, undefined while paused, closed, empty or not loaded; takes nothing. */
  next(now: number): NextItem | undefined {
    if (this.paused || this.closing || !this.frame) return undefined;
    const due = this.again.next(now);
    if (due) return { slice: due.slice, item: due.item, n: due.n, outOfOrder: true };
    const item = this.ahead[0]?.at(this.place, 1);
    return item ? { slice: this.cursor.slice, item, n: 1, outOfOrder: false } : undefined;
  }

  /** Unix ms at which what `next` answered was planned; undefined = not known, or it waited for its due time. */
  plannedAt({ slice, outOfOrder }: NextItem): number | undefined {
    return outOfOrder ? undefined : this.announcedAt[slice];
  }

  /** Whether `next` would answer something. */
  ready(now: number): boolean {
    if (this.paused || this.closing || !this.frame) return false;
    return this.place < (this.ahead[0]?.length ?? 0) || this.again.ready(now);
  }

  /** The item `next` answered has been granted. */
  took(next: NextItem): void {
    if (!next.outOfOrder) this.gone++;
    if (next.outOfOrder) this.again.drop(next.slice, next.item.index, next.n);
    else {
      this.work.granted(next.item.cost);
      this.moveTo({ slice: next.slice, index: next.item.index + 1 });
    }
  }

  /** A grant read back from the topic: moves the cursor behind it, or forgets the out-of-order item. */
  replay(slice: number, index: number, n: number, cost: number, outOfOrder: boolean): void {
    if (outOfOrder) {
      this.again.drop(slice, index, n);
      return;
    }
    this.gone++;
    this.work.granted(cost);
    if (slice < this.cursor.slice || (slice === this.cursor.slice && index < this.cursor.index)) return;
    this.known = Math.max(this.known, slice + 1);
    while (this.cursor.slice < slice) this.nextSlice();
    this.moveTo({ slice, index: index + 1 });
  }

  /** The slice under the cursor is planned and not held. */
  get wantsFirst(): boolean {
    return this.ahead.length === 0 && this.cursor.slice < this.known;
  }

  /** A slice soon to come is planned and not held. */
  get wantsAhead(): boolean {
    const next = this.cursor.slice + Math.max(1, this.ahead.length);
    return next < this.known && next <= this.cursor.slice + SLICES_AHEAD;
  }

  /** Slices whose content the cursor wants, the nearest first. */
  wanted(room: Room): number[] {
    if (this.paused || this.asleep || this.closing || !this.frame) return [];
    const slices: number[] = [];
    for (let slice = this.cursor.slice + this.ahead.length; slice < this.known; slice++) {
      if (slice > this.cursor.slice + SLICES_AHEAD || !(slice > this.cursor.slice ? room.ahead : room.first)) break;
      slices.push(slice);
    }
    return slices;
  }

  /** Items and slices (beyond the first) held, for the bounds of the channel. */
  get held(): { readonly items: number; readonly slicesAhead: number } {
    return { items: this.heldItems, slicesAhead: this.slicesAhead };
  }

  get heldItems(): number {
    let items = this.again.cachedItems;
    for (const slice of this.ahead) items += slice.length;
    return items;
  }

  get slicesAhead(): number {
    return Math.max(0, this.ahead.length - 1);
  }

  /** Slices announced and not yet granted to the end. */
  get backlog(): number {
    return this.closing ? 0 : Math.max(0, this.known - this.cursor.slice);
  }

  setPaused(paused: boolean): void {
    this.paused = paused;
    // Its contents are read again on resume: a paused city must not hold the memory of those that run.
    if (paused) this.unload();
  }

  setAsleep(asleep: boolean): void {
    if (asleep && !this.asleep) this.unload();
    this.asleep = asleep;
  }

  /** Nothing left to grant, whatever comes back. */
  get drained(): boolean {
    if (this.closing) return this.closing.published;
    return this.slices !== undefined && this.cursor.slice >= this.slices && this.again.empty;
  }

  /** Cost units not yet handed over, those expected while its audience is still walked included; `outstanding`: its items granted and not answered. */
  unitsLeft(outstanding: number): number {
    return this.work.remaining(this.slices === undefined ? (this.frame?.expectedUnits ?? 0) : 0, outstanding);
  }

  close(reason: CloseReason): void {
    if (this.closing) return;
    this.closing = { reason, published: false, revision: 0 };
    this.again.clear();
    this.ahead.length = 0;
  }

  private moveTo(cursor: Cursor): void {
    this.cursor = cursor;
    this.findPlace();
  }

  private unload(): void {
    this.ahead.length = 0;
    this.place = 0;
    this.again.unload();
  }

  /** Steps over what the cursor has passed, and over slices that hold nothing (more) for this channel. */
  private findPlace(): void {
    for (let items = this.ahead[0]; items; items = this.ahead[0]) {
      while (items.indexAt(this.place) < this.cursor.index) this.place++;
      if (this.place < items.length) return;
      this.nextSlice();
    }
  }

  private nextSlice(): void {
    this.cursor = { slice: this.cursor.slice + 1, index: 0 };
    this.ahead.shift();
    this.place = 0;
  }
}
