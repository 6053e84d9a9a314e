import { FairLanes, type FairPick } from './fair-lanes.js';

// Deliberately broken schedulers, one fault each: every property must fail on the copies that break it, or it proves nothing.

/** Counts items, not what they cost. */
export class CountsItems extends FairLanes {
  override take(pick: FairPick): number {
    return super.take(pick, 1);
  }
}

/** Everybody weighs the same. */
export class IgnoresWeights extends FairLanes {
  override addFlow(lane: number, tenant: string): void {
    super.addFlow(lane, tenant, 1);
  }
}

/** Long ids cost more. */
export class LooksAtIds extends FairLanes {
  override take(pick: FairPick, cost: number): number {
    return super.take(pick, cost + pick.tenant.length / 10);
  }
}

/** Who came first weighs double. */
export class FavoursTheFirst extends FairLanes {
  private firstOf: string | undefined;

  override addFlow(lane: number, tenant: string, weight: number): void {
    this.firstOf ??= tenant;
    super.addFlow(lane, tenant, tenant === this.firstOf ? 2 * weight : weight);
  }
}

/** A tenant that goes idle and comes back owes nothing for what it just had. */
export class ForgetsOnIdle extends FairLanes {
  private readonly busy = new Map<string, Set<string>>();

  override setBacklogged(lane: number, tenant: string, campaign: string, backlogged: boolean): void {
    const campaigns = this.busy.get(`${lane}/${tenant}`) ?? new Set();
    this.busy.set(`${lane}/${tenant}`, campaigns);
    if (backlogged && campaigns.size === 0) this.correct(lane, tenant, -1e6);
    if (backlogged) campaigns.add(campaign);
    else campaigns.delete(campaign);
    super.setBacklogged(lane, tenant, campaign, backlogged);
  }
}

/** Looks no further than the first lane with a backlog, even when that one is not admitted. */
export class StopsAtTheFirstLane extends FairLanes {
  override pick(admits: (lane: number, tag: number) => boolean = () => true): FairPick | undefined {
    const pick = super.pick();
    return pick && admits(pick.lane, pick.tag) ? pick : undefined;
  }
}

/** Virtual time is what was granted, not what was served: newcomers queue behind the granted window. */
export class ServedWhenGranted extends FairLanes {
  override take(pick: FairPick, cost: number): number {
    const tag = super.take(pick, cost);
    super.served(pick.lane, tag);
    return tag;
  }
}

/** Virtual time stands still: whoever was idle is owed all the time it was away. */
export class NeverServed extends FairLanes {
  override served(): void {
    // Nothing moves.
  }
}

/** A campaign that had its turn keeps it. */
export class KeepsTheTurn extends FairLanes {
  override take(pick: FairPick, cost: number): number {
    return super.take({ ...pick, campaign: 'another' }, cost);
  }
}

/** What a call really took is never charged. */
export class NeverCorrects extends FairLanes {
  override correct(): void {
    // The guess stands.
  }
}

/** No lane has a floor. */
export class WithoutFloors extends FairLanes {
  constructor(laneCount: number) {
    super(laneCount);
  }
}

/** Floors are paid twice. */
export class DoubleFloors extends FairLanes {
  constructor(laneCount: number, floors: readonly number[] = []) {
    super(
      laneCount,
      floors.map((part) => 2 * part),
    );
  }
}
