import { Lane } from '@tocsin/contracts/common/v1/common';
import type { HeldItem } from '../pipeline/held-item.js';
import type { PacedRoute } from '../pipeline/paced-route.js';
import { knowsAgain } from '../pipeline/submit.js';
import type { FailedRoutes } from './failed-routes.js';

/**
 * ms an item in doubt waits for a provider that would know it again and cannot be used, before it goes by another route as a possible duplicate: a rebind
 * takes less. Urgent ones wait less: an alert twice is better than late.
 */
const DOUBT_WAIT_MS = 10_000;
const URGENT_DOUBT_WAIT_MS = 2_000;

/** Which route an item that went wrong waits for. With one route, or when nothing went wrong, none. */
export class RoutePins {
  /** The one provider of all routes, where every one of them would know a delivery again; '' = otherwise. */
  readonly #onlyProvider: string;

  constructor(
    private readonly routes: readonly PacedRoute[],
    private readonly failedRoutes: FailedRoutes,
  ) {
    const providers = new Set(routes.map(({ driver }) => driver.provider));
    const [only = ''] = providers;
    this.#onlyProvider = providers.size === 1 && routes.every(({ driver }) => knowsAgain(driver)) ? only : '';
  }

  /** As it is read: a retry goes by another route than the one that failed; what may have been submitted before a crash was so to one of the routes. */
  first(item: HeldItem): void {
    if (item.possibleDuplicate) item.doubtfulAt = this.#onlyProvider;
    if (this.routes.length < 2 || item.n < 2) return;
    const failed = this.failedRoutes.of(item.sliceKey, item.index);
    if (failed !== '') this.#pin(item, this.#other(failed), 0);
  }

  /** It went by a route without an end: in doubt, it goes there again where it is known. */
  again(item: HeldItem, route: PacedRoute, now: number): void {
    if (this.routes.length < 2) return;
    const knows = item.possibleDuplicate && item.doubtfulAt === route.driver.provider;
    const urgent = item.lane === Lane.LIFE_SAFETY || item.lane === Lane.URGENT;
    this.#pin(item, knows ? route : undefined, now + (urgent ? URGENT_DOUBT_WAIT_MS : DOUBT_WAIT_MS));
  }

  #pin(item: HeldItem, route: PacedRoute | undefined, until: number): void {
    item.pinned = route;
    item.pinnedUntil = until;
  }

  /** The strongest usable one but that; a standby at rest if there is no other. */
  #other(failed: string): PacedRoute | undefined {
    const others = this.routes.filter((route) => route.driver.routeId !== failed && route.usable());
    return others.toSorted((a, b) => b.weight - a.weight || b.restWeight - a.restWeight)[0];
  }
}
