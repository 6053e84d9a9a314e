/** A floor is due once its lane is owed this many units: a whole one, so that a floor never splits the turns of single segments. */
const DUE_UNITS = 1;

/**
 * What keeps strict lanes from closing a less severe one altogether: while a lane has a backlog, at least its part of all units goes to it.
 * Counted in units taken, never in time. An empty lane saves nothing up; what a floor overpaid by a costly item is kept as a debt.
 */
export class LaneFloors {
  private readonly claims: number[];

  /** Part of all units by lane, 0 = no floor; together below 1. `claims`: of a snapshot. */
  constructor(
    private readonly parts: readonly number[],
    claims: readonly number[] = [],
  ) {
    const sum = parts.reduce((total, part) => total + part, 0);
    if (!(sum < 1) || parts.some((part) => !(part >= 0)))
      throw new RangeError(`floors must be 0 or more, and below 1 together: ${parts.join(', ')}`);
    // A claim of a floor that was taken away since would never be paid off: its lane would go before all others for good.
    this.claims = parts.map((part, lane) => (part > 0 ? (claims[lane] ?? 0) : 0));
  }

  claim(lane: number): number {
    return this.claims[lane] ?? 0;
  }

  /** The lane that is owed most among those open now; undefined = strict order decides. */
  due(open: (lane: number) => boolean): number | undefined {
    let most: number | undefined;
    for (let lane = 0; lane < this.claims.length; lane++) {
      const claim = this.claim(lane);
      if (claim >= DUE_UNITS && (most === undefined || claim > this.claim(most)) && open(lane)) most = lane;
    }
    return most;
  }

  /** `cost` units were taken from a lane; `backlogged` as it was before. */
  taken(from: number, cost: number, backlogged: (lane: number) => boolean): void {
    let severerWaits = false;
    for (const [lane, part] of this.parts.entries()) {
      const waits = backlogged(lane);
      if (part > 0) {
        const claim = this.claim(lane) + part * cost - (lane === from ? cost : 0);
        // Strict order gave it: a lane that has the channel to itself runs into no debt.
        if (lane === from && !severerWaits) this.claims[lane] = Math.max(claim, Math.min(0, this.claim(lane)));
        else this.claims[lane] = waits ? claim : Math.min(0, claim);
      }
      severerWaits ||= waits;
    }
  }
}
