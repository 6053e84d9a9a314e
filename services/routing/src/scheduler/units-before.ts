import type { Outstanding, OutstandingGrant } from './outstanding.js';

/**
 * Cost units of one lane that a channel serves before an item of some tag: what lies at living shares with a tag as low or lower, and what this turn
 * granted. Sorted once when first asked, so that it is good for one turn.
 */
export class UnitsBefore {
  private tags: Float64Array | undefined;
  /** sums[i]: cost of the first i. */
  private sums = new Float64Array(1);
  private granted = 0;

  constructor(
    private readonly outstanding: Outstanding,
    private readonly lane: number,
    private readonly alive: ReadonlySet<number>,
  ) {}

  /** An item was granted; the tags of a turn rise, so that it goes before all that follow. */
  grant(cost: number): void {
    this.granted += cost;
  }

  of(tag: number): number {
    const tags = (this.tags ??= this.sort());
    let low = 0;
    let high = tags.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((tags[middle] ?? 0) <= tag) low = middle + 1;
      else high = middle;
    }
    return (this.sums[low] ?? 0) + this.granted;
  }

  private sort(): Float64Array {
    const grants: OutstandingGrant[] = [];
    for (const grant of this.outstanding.inLane(this.lane)) if (this.alive.has(grant.share)) grants.push(grant);
    grants.sort((a, b) => a.tag - b.tag);
    this.sums = new Float64Array(grants.length + 1);
    grants.forEach(({ cost }, place) => (this.sums[place + 1] = (this.sums[place] ?? 0) + cost));
    // What this turn has granted already is among them.
    this.granted = 0;
    return Float64Array.from(grants, ({ tag }) => tag);
  }
}
