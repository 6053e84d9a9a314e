import { FlowHeap, type HeapMember } from '@tocsin/fairness';
import type { CampaignQueue } from './campaign-queue.js';
import { CampaignsByLane } from './campaigns-by-lane.js';

/** A grant without an attempt is given up this long after its campaign expired, ms: no channel submits it any more. */
export const OUTSTANDING_SLACK_MS = 60_000;

class Moment implements HeapMember {
  /** Unix ms. */
  key = Infinity;
  slot = -1;

  constructor(
    readonly queue: CampaignQueue,
    readonly arrival: number,
  ) {}
}

/** What a campaign adds to the sums. */
interface Entry {
  readonly expiry: Moment;
  readonly due: Moment;
  items: number;
  slicesAhead: number;
  backlog: number;
  lane: number | undefined;
  busy: boolean;
}

/**
 * What a turn asks about all campaigns of a channel, kept at every change of one of them: a turn costs what it grants, whether ten campaigns are
 * open or five thousand. `settle` must follow each change of a queue.
 */
export class CampaignIndex {
  /** Campaigns whose end on this channel the ledger has not been told yet. */
  readonly closing = new Set<CampaignQueue>();
  /** Campaigns with something to grant whose frame is not known. */
  readonly unframed = new CampaignsByLane();
  /** Campaigns that want the content of a slice to go on at all. */
  readonly hungry = new CampaignsByLane();
  /** Campaigns that want the content of a slice behind the one they hold. */
  readonly hungryAhead = new CampaignsByLane();
  private readonly entries = new Map<CampaignQueue, Entry>();
  private readonly expiries = new FlowHeap<Moment>();
  private readonly dues = new FlowHeap<Moment>();
  private readonly backlogs: number[];
  private readonly busy: number[];
  private arrivals = 0;
  private items = 0;
  private ahead = 0;

  constructor(laneCount: number) {
    this.backlogs = Array.from({ length: laneCount }, () => 0);
    this.busy = Array.from({ length: laneCount }, () => 0);
  }

  /** Items held by all campaigns. */
  get heldItems(): number {
    return this.items;
  }

  /** Slices held beyond the first of each campaign. */
  get slicesAhead(): number {
    return this.ahead;
  }

  /** Slices of a lane not granted to the end. */
  backlogOf(lane: number): number {
    return this.backlogs[lane] ?? 0;
  }

  /** Whether a campaign of the lane has slices or items out of order to come, ready or not. */
  isBusy(lane: number): boolean {
    return (this.busy[lane] ?? 0) > 0;
  }

  /** `unanswered`: grants of the campaign are outstanding. */
  settle(queue: CampaignQueue, unanswered: boolean, now: number): void {
    const entry = this.entryOf(queue);
    const { again, backlog, closing } = queue;
    // First: looking lets go of contents whose time has not come.
    place(this.dues, entry.due, again.nextDue(now));
    this.count(entry, queue, backlog);
    place(this.expiries, entry.expiry, expiryOf(queue, unanswered));
    if (closing !== undefined && !closing.published) this.closing.add(queue);
    else if (this.closing.size > 0) this.closing.delete(queue);
    this.unframed.keep(queue, !queue.frame && (backlog > 0 || !again.empty || unanswered));
    const open = queue.frame !== undefined && !queue.paused && !queue.asleep && !closing;
    this.hungry.keep(queue, open && (queue.wantsFirst || again.wants(now)));
    this.hungryAhead.keep(queue, open && queue.wantsAhead);
  }

  remove(queue: CampaignQueue): void {
    const entry = this.entries.get(queue);
    if (!entry) return;
    this.items -= entry.items;
    this.ahead -= entry.slicesAhead;
    this.weigh(entry, -1);
    this.expiries.remove(entry.expiry);
    this.dues.remove(entry.due);
    this.closing.delete(queue);
    for (const wanting of [this.unframed, this.hungry, this.hungryAhead]) wanting.keep(queue, false);
    this.entries.delete(queue);
  }

  /** A campaign that expires, or whose outstanding grants are to be given up, by now. */
  expired(now: number): CampaignQueue | undefined {
    return reached(this.expiries, now);
  }

  /** A campaign with an out-of-order item that fell due since it was settled. */
  fellDue(now: number): CampaignQueue | undefined {
    return reached(this.dues, now);
  }

  /** When time alone will change something, Unix ms; undefined = never. */
  nextMoment(): number | undefined {
    const soonest = Math.min(this.expiries.first()?.key ?? Infinity, this.dues.first()?.key ?? Infinity);
    return soonest === Infinity ? undefined : soonest;
  }

  private entryOf(queue: CampaignQueue): Entry {
    let entry = this.entries.get(queue);
    if (entry) return entry;
    const arrival = ++this.arrivals;
    const moments = { expiry: new Moment(queue, arrival), due: new Moment(queue, arrival) };
    entry = { ...moments, items: 0, slicesAhead: 0, backlog: 0, lane: undefined, busy: false };
    this.entries.set(queue, entry);
    return entry;
  }

  private count(entry: Entry, queue: CampaignQueue, backlog: number): void {
    const { heldItems, slicesAhead, lane } = queue;
    this.items += heldItems - entry.items;
    this.ahead += slicesAhead - entry.slicesAhead;
    entry.items = heldItems;
    entry.slicesAhead = slicesAhead;
    const busy = backlog > 0 || !queue.again.empty;
    if (entry.backlog === backlog && entry.lane === lane && entry.busy === busy) return;
    this.weigh(entry, -1);
    entry.backlog = backlog;
    entry.lane = lane;
    entry.busy = busy;
    this.weigh(entry, 1);
  }

  private weigh({ lane, backlog, busy }: Entry, sign: 1 | -1): void {
    if (lane === undefined) return;
    this.backlogs[lane] = (this.backlogs[lane] ?? 0) + sign * backlog;
    if (busy) this.busy[lane] = (this.busy[lane] ?? 0) + sign;
  }
}

function expiryOf(queue: CampaignQueue, unanswered: boolean): number {
  const expiresAt = queue.frame?.expiresAt ?? 0;
  if (expiresAt <= 0) return Infinity;
  if (!queue.closing) return expiresAt;
  return unanswered ? expiresAt + OUTSTANDING_SLACK_MS : Infinity;
}

function place(heap: FlowHeap<Moment>, moment: Moment, at: number): void {
  if (moment.key === at) return;
  moment.key = at;
  if (at === Infinity) heap.remove(moment);
  else heap.settle(moment);
}

function reached(heap: FlowHeap<Moment>, now: number): CampaignQueue | undefined {
  const first = heap.first();
  return first && first.key <= now ? first.queue : undefined;
}
