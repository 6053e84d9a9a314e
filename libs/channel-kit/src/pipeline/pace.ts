import type { RouteTurns } from '../routes/route-turns.js';
import type { HeldItem } from './held-item.js';
import type { HeldWindow } from './held-window.js';
import type { PacedRoute } from './paced-route.js';

/** ms between two looks at a route that is not bound; a bind that comes back is not reported otherwise. */
const UNBOUND_LOOK_MS = 100;

/**
 * What may go now and where, or how long to wait (ms; Infinity = until an answer or a grant comes). `paced`: no route may take anything before, so that
 * neither an answer nor a grant changes that.
 */
export type Turn = { readonly item: HeldItem; readonly route: PacedRoute } | { readonly waitMs: number; readonly paced: boolean };

/** The next item in order over the routes that may be used, by their weights. now is monotonic ms. */
export function nextTurn(
  window: HeldWindow,
  routes: readonly PacedRoute[],
  turns: RouteTurns<PacedRoute>,
  mayDoubt: (share: number) => boolean,
  now: number,
): Turn {
  let waitMs = Infinity;
  let only: PacedRoute | undefined;
  let several: PacedRoute[] | undefined;
  for (const route of routes) {
    const wait = waitOf(route, now);
    if (wait > 0) waitMs = Math.min(waitMs, wait);
    else if (!only) only = route;
    else (several ??= [only]).push(route);
  }
  if (!only) return { waitMs, paced: true };
  for (const route of several ? turns.order(several) : [only]) {
    const item = window.peek(route.mayTake, mayDoubt, route);
    if (item) return { item, route };
  }
  return { waitMs, paced: false };
}

/** ms until this route may be tried; 0 = now. */
function waitOf(route: PacedRoute, now: number): number {
  if (!route.usable()) return UNBOUND_LOOK_MS;
  if (now < route.notBefore) return route.notBefore - now;
  return route.bucket.ready(now) ? 0 : route.bucket.waitMs(now);
}
