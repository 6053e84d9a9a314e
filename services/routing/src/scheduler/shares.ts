import type { Capacity } from '@tocsin/contracts/channels/v1/channels';

/** A share without a report this long has no living owner: three reports, one a second, may be missed. */
export const CAPACITY_MAX_AGE_MS = 3_000;
/** Instances of a channel remembered at most; silent ones are forgotten first. */
const MAX_INSTANCES = 64;
/** Round trip taken for a channel that has not measured one yet, ms. */
const ASSUMED_ROUND_TRIP_MS = 50;

export interface LiveShare {
  readonly share: number;
  /** Cost units a second. */
  readonly rate: number;
}

/** What the channel can carry now. */
export interface LiveCapacity {
  readonly shares: readonly LiveShare[];
  /** Cost units a second of all live shares. */
  readonly rate: number;
  /** ms. */
  readonly roundTrip: number;
}

const NOTHING: LiveCapacity = { shares: [], rate: 0, roundTrip: ASSUMED_ROUND_TRIP_MS };

/** Who owns which share and may use it: the last report of each instance, while it is fresh and a route is bound. */
export class Shares {
  private readonly reports = new Map<string, { readonly capacity: Capacity; readonly seenAt: number }>();
  private cached: LiveCapacity = NOTHING;
  private cachedUntil = -Infinity;

  /** `seenAt`: broker time of the report, Unix ms; a report older than the one known is ignored. */
  report(capacity: Capacity, seenAt: number): void {
    const known = this.reports.get(capacity.instanceId);
    if (known && known.seenAt > seenAt) return;
    this.reports.delete(capacity.instanceId);
    this.reports.set(capacity.instanceId, { capacity, seenAt });
    while (this.reports.size > MAX_INSTANCES) for (const oldest of this.reports.keys()) if (this.reports.delete(oldest)) break;
    this.cachedUntil = -Infinity;
  }

  live(now: number): LiveCapacity {
    if (now >= this.cachedUntil) this.refresh(now);
    return this.cached;
  }

  private refresh(now: number): void {
    const owners = new Map<number, { rate: number; seenAt: number }>();
    let soonest = Infinity;
    let roundTrip = 0;
    for (const [instance, { capacity, seenAt }] of this.reports) {
      if (now - seenAt >= CAPACITY_MAX_AGE_MS) {
        this.reports.delete(instance);
        continue;
      }
      soonest = Math.min(soonest, seenAt + CAPACITY_MAX_AGE_MS);
      const rate = capacity.routes.reduce((sum, route) => sum + (route.bound ? route.ratePerSecond : 0), 0);
      if (!(rate > 0) || capacity.shares.length === 0) continue;
      roundTrip = Math.max(roundTrip, capacity.roundTrip);
      for (const share of capacity.shares) {
        // While shares move, two instances may name the same one: the later report is right.
        const owner = owners.get(share);
        if (!owner || owner.seenAt <= seenAt) owners.set(share, { rate: rate / capacity.shares.length, seenAt });
      }
    }
    const shares = [...owners].map(([share, owner]) => ({ share, rate: owner.rate })).sort((a, b) => a.share - b.share);
    const rate = shares.reduce((sum, share) => sum + share.rate, 0);
    this.cached = { shares, rate, roundTrip: roundTrip > 0 ? roundTrip : ASSUMED_ROUND_TRIP_MS };
    this.cachedUntil = soonest;
  }
}
