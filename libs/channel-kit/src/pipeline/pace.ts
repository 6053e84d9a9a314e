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

/** The next item in order over the bound routes: the fullest bucket first, which is a weighting by capacity. now is monotonic ms. */
export function nextTurn(window: HeldWindow, routes: readonly PacedRoute[], mayDoubt: (share: number) => boolean, now: number): Turn {
  let waitMs = Infinity;
  const ready: PacedRoute[] = [];
  for (const route of routes) {
    if (!route.bound()) waitMs = Math.min(waitMs, UNBOUND_LOOK_MS);
    else if (now < route.notBefore) waitMs = Math.min(waitMs, route.notBefore - now);
    else if (!route.bucket.ready(now)) waitMs = Math.min(waitMs, route.bucket.waitMs(now));
    else ready.push(route);
  }
  if (ready.length > 1) ready.sort((a, b) => b.bucket.fullness(now) - a.bucket.fullness(now));
  for (const route of ready) {
    const item = window.peek((share) => route.mayTake(share), mayDoubt);
    if (item) return { item, route };
  }
  return { waitMs, paced: ready.length === 0 };
}
