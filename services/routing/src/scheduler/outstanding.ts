/** A grant without an attempt yet. */
export interface OutstandingGrant {
  readonly campaignId: string;
  readonly slice: number;
  readonly index: number;
  readonly n: number;
  readonly lane: number;
  readonly tag: number;
  readonly cost: number;
  readonly share: number;
  /** Unix ms of the grant. */
  readonly at: number;
  /** A floor gave it a severer item's place. Not known of what was granted before a takeover. */
  readonly ahead?: boolean;
}

/** Attempts of one delivery at most, as a factor of the packed key. */
const MAX_ATTEMPTS = 64;
const INDICES = 256;
const NONE: ReadonlySet<OutstandingGrant> = new Set();

/** Every grant that no attempt has answered, with what each share, lane and campaign has of it. */
export class Outstanding {
  private readonly byCampaign = new Map<string, Map<number, OutstandingGrant>>();
  private readonly shareCosts: number[] = [];
  private readonly laneCosts: number[];
  private readonly laneItems: number[];
  private readonly laneAhead: number[];
  private readonly laneGrants: Set<OutstandingGrant>[];
  private readonly laneTags: number[];
  /** By lane, then share. */
  private readonly laneShares: { cost: number; items: number }[][];
  private count = 0;

  constructor(laneCount: number) {
    this.laneCosts = Array.from({ length: laneCount }, () => 0);
    this.laneItems = Array.from({ length: laneCount }, () => 0);
    this.laneAhead = Array.from({ length: laneCount }, () => 0);
    this.laneTags = Array.from({ length: laneCount }, () => -Infinity);
    this.laneGrants = Array.from({ length: laneCount }, () => new Set<OutstandingGrant>());
    this.laneShares = Array.from({ length: laneCount }, () => []);
  }

  get size(): number {
    return this.count;
  }

  has(campaignId: string, slice: number, index: number, n: number): boolean {
    return this.byCampaign.get(campaignId)?.has(keyOf(slice, index, n)) ?? false;
  }

  get(campaignId: string, slice: number, index: number, n: number): OutstandingGrant | undefined {
    return this.byCampaign.get(campaignId)?.get(keyOf(slice, index, n));
  }

  add(grant: OutstandingGrant): void {
    this.remove(grant.campaignId, grant.slice, grant.index, grant.n);
    let grants = this.byCampaign.get(grant.campaignId);
    if (!grants) this.byCampaign.set(grant.campaignId, (grants = new Map()));
    grants.set(keyOf(grant.slice, grant.index, grant.n), grant);
    this.weigh(grant, 1);
  }

  remove(campaignId: string, slice: number, index: number, n: number): OutstandingGrant | undefined {
    const grants = this.byCampaign.get(campaignId);
    const key = keyOf(slice, index, n);
    const grant = grants?.get(key);
    if (!grants || !grant) return undefined;
    grants.delete(key);
    if (grants.size === 0) this.byCampaign.delete(campaignId);
    this.weigh(grant, -1);
    return grant;
  }

  of(campaignId: string): readonly OutstandingGrant[] {
    return [...(this.byCampaign.get(campaignId)?.values() ?? [])];
  }

  countOf(campaignId: string): number {
    return this.byCampaign.get(campaignId)?.size ?? 0;
  }

  /** Cost units outstanding at a share. */
  onShare(share: number): number {
    return this.shareCosts[share] ?? 0;
  }

  costInLane(lane: number): number {
    return this.laneCosts[lane] ?? 0;
  }

  itemsInLane(lane: number): number {
    return this.laneItems[lane] ?? 0;
  }

  /** In no order. */
  inLane(lane: number): ReadonlySet<OutstandingGrant> {
    return this.laneGrants[lane] ?? NONE;
  }

  /** No grant of the lane has, or had, a tag above it. */
  highestTag(lane: number): number {
    return this.laneTags[lane] ?? -Infinity;
  }

  /** Cost units of a lane that its floor was given. */
  aheadInLane(lane: number): number {
    return this.laneAhead[lane] ?? 0;
  }

  /** What a lane has at shares that are not among these: whoever owned them is gone, and it waits for the next owner. */
  besides(lane: number, live: ReadonlySet<number>): { readonly cost: number; readonly items: number } {
    let cost = 0;
    let items = 0;
    this.laneShares[lane]?.forEach((held, share) => {
      if (live.has(share)) return;
      cost += held.cost;
      items += held.items;
    });
    return { cost, items };
  }

  campaigns(): IterableIterator<string> {
    return this.byCampaign.keys();
  }

  private weigh(grant: OutstandingGrant, sign: 1 | -1): void {
    this.count += sign;
    if (sign > 0) {
      this.laneGrants[grant.lane]?.add(grant);
      this.laneTags[grant.lane] = Math.max(this.highestTag(grant.lane), grant.tag);
    } else this.laneGrants[grant.lane]?.delete(grant);
    this.shareCosts[grant.share] = (this.shareCosts[grant.share] ?? 0) + sign * grant.cost;
    this.laneCosts[grant.lane] = (this.laneCosts[grant.lane] ?? 0) + sign * grant.cost;
    this.laneItems[grant.lane] = (this.laneItems[grant.lane] ?? 0) + sign;
    if (grant.ahead) this.laneAhead[grant.lane] = (this.laneAhead[grant.lane] ?? 0) + sign * grant.cost;
    const shares = this.laneShares[grant.lane];
    if (!shares) throw new RangeError(`no such lane: ${grant.lane}`);
    const held = (shares[grant.share] ??= { cost: 0, items: 0 });
    held.cost += sign * grant.cost;
    held.items += sign;
  }
}

function keyOf(slice: number, index: number, n: number): number {
  return (slice * INDICES + index) * MAX_ATTEMPTS + Math.min(n, MAX_ATTEMPTS - 1);
}
