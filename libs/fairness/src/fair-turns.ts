import { FairLanes } from './fair-lanes.js';

/** One lane of waiting work, the most severe first. */
export interface TurnLane {
  /** Works of the lane that may run at once. */
  readonly atOnce: number;
  /** Part of all turns that the lane gets at least while it waits; 0 = what the severer ones leave. */
  readonly floor: number;
}

/** A work whose turn it is; `end` when it has ended. */
export interface Turn<T> {
  readonly lane: number;
  readonly work: T;
}

/** The queue of FairLanes is over campaigns; works of a tenant have none and keep the order they came in. */
const NO_CAMPAIGN = '';

/**
 * Works that wait for something there is only so much of (commands of a store, the event loop): by lane with a floor, then fairly among tenants, one turn each, then in the order they
 * came. So a village's work waits for one turn of each other tenant at most, however much a city has waiting. Pure; memory grows with what waits and with the tenants that came since their lane last stood empty.
 */
export class FairTurns<T> {
  private readonly order: FairLanes;
  private readonly waiting: Map<string, T[]>[];
  private readonly running: number[];
  private total = 0;
  private readonly hasRoom = (lane: number): boolean => (this.running[lane] ?? 0) < (this.lanes[lane]?.atOnce ?? 0);
  /** A lane that runs all it may is owed nothing for turns it could not take. */
  private readonly waits = (lane: number): boolean => this.hasRoom(lane) && this.order.hasBacklog(lane);

  /** `atOnce`: works of all lanes that may run at once. */
  constructor(
    private readonly lanes: readonly TurnLane[],
    private readonly atOnce: number,
  ) {
    this.order = new FairLanes(
      lanes.length,
      lanes.map(({ floor }) => floor),
    );
    this.waiting = lanes.map(() => new Map());
    this.running = lanes.map(() => 0);
  }

  add(lane: number, tenant: string, work: T): void {
    const waiting = this.lane(lane).get(tenant);
    if (waiting) waiting.push(work);
    else {
      this.lane(lane).set(tenant, [work]);
      this.order.setBacklogged(lane, tenant, NO_CAMPAIGN, true);
    }
  }

  /** Whose turn it is, if anything waits and has room; it runs from now on. */
  next(): Turn<T> | undefined {
    if (this.total >= this.atOnce) return undefined;
    const pick = this.order.pick(this.hasRoom, this.hasRoom);
    if (!pick) return undefined;
    const { lane, tenant } = pick;
    const waiting = this.lane(lane).get(tenant) ?? [];
    const work = waiting.shift();
    this.order.served(lane, this.order.take(pick, 1, this.waits));
    if (waiting.length === 0) {
      this.lane(lane).delete(tenant);
      this.order.setBacklogged(lane, tenant, NO_CAMPAIGN, false);
      if (!this.order.hasBacklog(lane)) this.order.rest(lane);
    }
    if (work === undefined) return undefined;
    this.running[lane] = (this.running[lane] ?? 0) + 1;
    this.total += 1;
    return { lane, work };
  }

  /** A work of the lane has ended. */
  end(lane: number): void {
    this.running[lane] = (this.running[lane] ?? 0) - 1;
    this.total -= 1;
  }

  private lane(lane: number): Map<string, T[]> {
    const waiting = this.waiting[lane];
    if (!waiting) throw new RangeError(`no such lane: ${lane}`);
    return waiting;
  }
}
