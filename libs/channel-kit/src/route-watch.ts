import type { Capacity } from '@tocsin/contracts/channels/v1/channels';

/** ms without any bound route before an instance gives its shares up: longer than a rebind with back-off takes. */
const LEAVE_AFTER_MS = 5_000;
/** ms a report of another instance counts: it reports once a second. */
const PEER_FRESH_MS = 5_000;

/** Decides when an instance that has lost its provider leaves the group, so that its shares move, and when it comes back. Times are Unix ms. */
export class RouteWatch {
  readonly #peers = new Map<string, number>();
  #unboundSince: number | undefined;

  constructor(private readonly instanceId: string) {}

  /** What some instance of the channel reported. */
  heard(capacity: Capacity): void {
    if (capacity.instanceId === this.instanceId || !capacity.routes.some((route) => route.bound)) return;
    this.#peers.set(capacity.instanceId, capacity.reportedAt);
  }

  /** Leaves only while another instance has a route; comes back with its own, or when nobody has one any more. */
  decide(joined: boolean, bound: boolean, now: number): 'leave' | 'join' | 'stay' {
    if (bound) this.#unboundSince = undefined;
    else this.#unboundSince ??= now;
    const others = this.#othersBound(now);
    if (!joined) return bound || !others ? 'join' : 'stay';
    return this.#unboundSince !== undefined && now - this.#unboundSince >= LEAVE_AFTER_MS && others ? 'leave' : 'stay';
  }

  #othersBound(now: number): boolean {
    for (const [instance, at] of this.#peers) if (now - at > PEER_FRESH_MS) this.#peers.delete(instance);
    return this.#peers.size > 0;
  }
}
