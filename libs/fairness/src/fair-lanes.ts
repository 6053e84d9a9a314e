import { CampaignRing } from './campaign-ring.js';
import { FlowHeap, type HeapMember } from './flow-heap.js';
import { LaneFloors } from './lane-floors.js';

/** Whose turn it is; `tag` is the virtual start tag the item would get. */
export interface FairPick {
  /** 0 = most severe. */
  readonly lane: number;
  readonly tenant: string;
  readonly campaign: string;
  readonly tag: number;
  /** Whose place a floor gave it: it is served as if it stood there, or the severer lane would pass it again further down. */
  readonly ahead?: FairPlace | undefined;
}

/** A place in the order of service: by lane, then by tag. */
export interface FairPlace {
  readonly lane: number;
  readonly tag: number;
}

export interface FlowSnapshot {
  readonly tenant: string;
  readonly weight: number;
  readonly finish: number;
  readonly arrival: number;
  /** Backlogged campaigns in their turn. */
  readonly campaigns: readonly string[];
}

export interface FairLanesSnapshot {
  readonly arrivals: number;
  readonly lanes: readonly {
    readonly virtualTime: number;
    /** Units its floor is owed (negative: was overpaid). */
    readonly claim?: number;
    readonly flows: readonly FlowSnapshot[];
  }[];
}

interface Flow extends HeapMember {
  readonly tenant: string;
  weight: number;
  readonly ring: CampaignRing;
  /** No longer in its lane's map: whoever still holds it must look it up anew. */
  forgotten: boolean;
}

/** A pick that knows its flow, so that taking it looks nothing up. */
class Turn implements FairPick {
  constructor(
    readonly lane: number,
    readonly tenant: string,
    readonly campaign: string,
    readonly tag: number,
    readonly flow: Flow,
    /** Whose flow that is: a restored twin has flows of its own. */
    readonly of: FairLanes,
    readonly ahead?: FairPlace | undefined,
  ) {}
}

interface LaneState {
  virtualTime: number;
  readonly flows: Map<string, Flow>;
  readonly backlogged: FlowHeap<Flow>;
}

/**
 * Who is next: strict lanes, with a floor where one is set; inside a lane start-time fair queuing over weighted tenants; inside a tenant round robin over its campaigns.
 * A flow's key is its finish tag, which is the start tag of its next item. Virtual time is the last tag *served*, told from outside: a tenant
 * that was idle re-enters there, ahead of everything granted and not yet served. Pure: no clock, no ids in any order, O(log tenants) a pick.
 */
export class FairLanes {
  private readonly lanes: LaneState[];
  private floors: LaneFloors | undefined;
  private arrivals = 0;
  private readonly waits = (lane: number): boolean => this.hasBacklog(lane);

  /** `floors`: part of all units that a lane gets at least while it has a backlog, by lane (see LaneFloors); without it lanes are strict. */
  constructor(laneCount: number, floors?: readonly number[]) {
    if (floors) this.floors = new LaneFloors(floors);
    this.lanes = Array.from({ length: laneCount }, () => ({ virtualTime: 0, flows: new Map(), backlogged: new FlowHeap<Flow>() }));
  }

  /** Makes the tenant's flow if missing and sets its weight (> 0) for items taken from now on. */
  addFlow(lane: number, tenant: string, weight: number): void {
    this.flow(lane, tenant).weight = positive(weight);
  }

  /** Says whether a campaign has something to take now. A tenant without any backlog that gets one re-enters at the virtual time. */
  setBacklogged(lane: number, tenant: string, campaign: string, backlogged: boolean): void {
    const state = this.lane(lane);
    if (!backlogged && !state.flows.has(tenant)) return;
    const flow = this.flow(lane, tenant);
    if (backlogged) {
      flow.ring.add(campaign);
      if (flow.slot >= 0) return;
      flow.key = Math.max(flow.key, state.virtualTime);
      flow.arrival = ++this.arrivals;
      state.backlogged.settle(flow);
    } else if (flow.ring.delete(campaign) && flow.ring.size === 0) {
      state.backlogged.remove(flow);
    }
  }

  hasBacklog(lane: number): boolean {
    return this.lane(lane).backlogged.size > 0;
  }

  /**
   * The next turn: of the most severe admitted lane that has a backlog, or of a lane whose floor is due in its place; takes nothing. A due lane
   * need not be admitted itself, since a severer one may fill what all share; `mayGoAhead` says which lanes a floor may serve now, where they have limits of their own.
   */
  pick(
    admits: (lane: number, tag: number) => boolean = everyLane,
    mayGoAhead: (lane: number) => boolean = everyLane,
  ): FairPick | undefined {
    for (let lane = 0; lane < this.lanes.length; lane++) {
      const flow = this.lane(lane).backlogged.first();
      if (!flow || !admits(lane, flow.key)) continue;
      const due = this.floors?.due((other) => other > lane && this.hasBacklog(other) && mayGoAhead(other));
      const given = due === undefined ? undefined : this.lane(due).backlogged.first();
      if (due === undefined || !given) return turnOf(lane, flow, this);
      return turnOf(due, given, this, { lane, tag: flow.key });
    }
    return undefined;
  }

  /**
   * Takes one item of `cost` units (> 0) for this turn: charges the tenant and passes the turn on. Answers the item's tag. `waits`: lanes whose floor is
   * owed its part of it, those with a backlog unless the caller knows better.
   */
  take(pick: FairPick, cost: number, waits: (lane: number) => boolean = this.waits): number {
    const flow = pick instanceof Turn && pick.of === this && !pick.flow.forgotten ? pick.flow : this.flow(pick.lane, pick.tenant);
    const tag = flow.key;
    this.floors?.taken(pick.lane, cost, waits);
    flow.key = tag + positive(cost) / flow.weight;
    flow.ring.passOn(pick.campaign);
    this.reorder(pick.lane, flow);
    return tag;
  }

  /** An item with this tag reached its provider. */
  served(lane: number, tag: number): void {
    const state = this.lane(lane);
    state.virtualTime = Math.max(state.virtualTime, tag);
  }

  /** Charges (or gives back, when negative) what an item's true cost differs from the estimate it was taken with. */
  correct(lane: number, tenant: string, units: number): void {
    const flow = this.lane(lane).flows.get(tenant);
    if (!flow || units === 0) return;
    flow.key += units / flow.weight;
    this.reorder(lane, flow);
  }

  /** A take that somebody else made and recorded: the tenant's tag is at least behind it. */
  replay(lane: number, tenant: string, tag: number, cost: number): void {
    const flow = this.flow(lane, tenant);
    flow.key = Math.max(flow.key, tag + positive(cost) / flow.weight);
    this.reorder(lane, flow);
  }

  /** The lane's busy period is over (no backlog, nothing outstanding): everybody starts level again. */
  rest(lane: number): void {
    const state = this.lane(lane);
    if (state.backlogged.size > 0) return;
    for (const flow of state.flows.values()) {
      state.virtualTime = Math.max(state.virtualTime, flow.key);
      forget(state, flow);
    }
  }

  virtualTime(lane: number): number {
    return this.lane(lane).virtualTime;
  }

  /** Everything needed to go on exactly alike; forgets idle flows that the virtual time has passed. */
  snapshot(): FairLanesSnapshot {
    const lanes = this.lanes.map((state, lane) => {
      for (const flow of state.flows.values()) {
        if (flow.slot < 0 && flow.key <= state.virtualTime) forget(state, flow);
      }
      const flows = [...state.flows.values()].map((flow) => ({
        tenant: flow.tenant,
        weight: flow.weight,
        finish: flow.key,
        arrival: flow.arrival,
        campaigns: flow.ring.inTurn(),
      }));
      return { virtualTime: state.virtualTime, ...(this.floors ? { claim: this.floors.claim(lane) } : {}), flows };
    });
    return { arrivals: this.arrivals, lanes };
  }

  static restore(snapshot: FairLanesSnapshot, floors?: readonly number[]): FairLanes {
    const restored = new FairLanes(snapshot.lanes.length);
    if (floors) {
      const claims = snapshot.lanes.map((lane) => lane.claim ?? 0);
      restored.floors = new LaneFloors(floors, claims);
    }
    restored.arrivals = snapshot.arrivals;
    snapshot.lanes.forEach((saved, lane) => {
      const state = restored.lane(lane);
      state.virtualTime = saved.virtualTime;
      for (const one of saved.flows) {
        const flow: Flow = {
          tenant: one.tenant,
          weight: one.weight,
          key: one.finish,
          arrival: one.arrival,
          slot: -1,
          ring: new CampaignRing(one.campaigns),
          forgotten: false,
        };
        state.flows.set(flow.tenant, flow);
        if (flow.ring.size > 0) state.backlogged.settle(flow);
      }
    });
    return restored;
  }

  private reorder(lane: number, flow: Flow): void {
    if (flow.slot < 0) return;
    flow.arrival = ++this.arrivals;
    this.lane(lane).backlogged.settle(flow);
  }

  private flow(lane: number, tenant: string): Flow {
    const state = this.lane(lane);
    let flow = state.flows.get(tenant);
    if (!flow) {
      flow = { tenant, weight: 1, key: state.virtualTime, arrival: 0, slot: -1, ring: new CampaignRing(), forgotten: false };
      state.flows.set(tenant, flow);
    }
    return flow;
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

function turnOf(lane: number, flow: Flow, of: FairLanes, ahead?: FairPlace): FairPick | undefined {
  const campaign = flow.ring.first();
  return campaign === undefined ? undefined : new Turn(lane, flow.tenant, campaign, flow.key, flow, of, ahead);
}

function forget(state: LaneState, flow: Flow): void {
  flow.forgotten = true;
  state.flows.delete(flow.tenant);
}

function positive(value: number): number {
  if (!(value > 0)) throw new RangeError(`must be above 0: ${value}`);
  return value;
}
