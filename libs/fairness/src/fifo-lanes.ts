import { FlowHeap, type HeapMember } from './flow-heap.js';
import type { FairLanesSnapshot, FairPick } from './fair-lanes.js';
import type { LaneOrder } from './lane-order.js';

/** Campaigns whose place is kept while they have nothing to take: beyond it the oldest ones that wait for nothing lose theirs. */
const MAX_PLACES = 10_000;

interface Waiting extends HeapMember {
  readonly tenant: string;
  readonly campaign: string;
}

interface LaneState {
  virtualTime: number;
  /** In the order of their first backlog, which is that of their release. */
  readonly places: Map<string, Waiting>;
  readonly backlogged: FlowHeap<Waiting>;
}

/**
 * What everybody builds first, as a control to measure fairness against: campaigns in the order of their release, whoever's they are, each to its
 * end. Lanes stay strict; tenants, weights and costs do not count. Tags number the items, so that a channel which orders by tag keeps the order.
 * A snapshot holds no places: after a restart campaigns stand as they are read back.
 */
export class FifoLanes implements LaneOrder {
  private readonly lanes: LaneState[];
  private arrivals = 0;
  private taken = 0;

  constructor(laneCount: number) {
    this.lanes = Array.from({ length: laneCount }, () => ({ virtualTime: 0, places: new Map(), backlogged: new FlowHeap<Waiting>() }));
  }

  static restore(snapshot: FairLanesSnapshot): FifoLanes {
    const restored = new FifoLanes(snapshot.lanes.length);
    snapshot.lanes.forEach(({ virtualTime }, lane) => restored.served(lane, virtualTime));
    restored.arrivals = snapshot.arrivals;
    return restored;
  }

  addFlow(): void {
    // A tenant is nobody here.
  }

  setBacklogged(lane: number, tenant: string, campaign: string, backlogged: boolean): void {
    const { places, backlogged: waiting } = this.lane(lane);
    let member = places.get(campaign);
    if (!backlogged) {
      if (member) waiting.remove(member);
      return;
    }
    if (!member) {
      member = { tenant, campaign, key: ++this.arrivals, arrival: 0, slot: -1 };
      places.set(campaign, member);
      forgetBeyond(places);
    }
    if (member.slot < 0) waiting.settle(member);
  }

  hasBacklog(lane: number): boolean {
    return this.lane(lane).backlogged.size > 0;
  }

  pick(admits: (lane: number, tag: number) => boolean = everyLane): FairPick | undefined {
    for (let lane = 0; lane < this.lanes.length; lane++) {
      const first = this.lane(lane).backlogged.first();
      if (first && admits(lane, this.taken + 1)) return { lane, tenant: first.tenant, campaign: first.campaign, tag: this.taken + 1 };
    }
    return undefined;
  }

  take(pick: FairPick): number {
    return (this.taken = Math.max(this.taken + 1, pick.tag));
  }

  served(lane: number, tag: number): void {
    const state = this.lane(lane);
    state.virtualTime = Math.max(state.virtualTime, tag);
    this.taken = Math.max(this.taken, tag);
  }

  correct(): void {
    // What an item costs changes nobody's turn.
  }

  replay(_lane: number, _tenant: string, tag: number): void {
    this.taken = Math.max(this.taken, tag);
  }

  rest(lane: number): void {
    const { backlogged, places } = this.lane(lane);
    if (backlogged.size === 0) places.clear();
  }

  virtualTime(lane: number): number {
    return this.lane(lane).virtualTime;
  }

  snapshot(): FairLanesSnapshot {
    return { arrivals: this.arrivals, lanes: this.lanes.map(({ virtualTime }) => ({ virtualTime, flows: [] })) };
  }

  private lane(lane: number): LaneState {
    const state = this.lanes[lane];
    if (!state) throw new RangeError(`no such lane: ${lane}`);
    return state;
  }
}

function everyLane(): boolean {
  return true;
}

function forgetBeyond(places: Map<string, Waiting>): void {
  if (places.size <= MAX_PLACES) return;
  for (const [campaign, { slot }] of places) {
    if (slot >= 0) continue;
    places.delete(campaign);
    return;
  }
}
