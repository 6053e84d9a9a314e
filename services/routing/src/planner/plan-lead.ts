/** Seconds of the channels' whole rates that a plan is ahead before it rests for the first time: what a preempted campaign and a slow page may cost. */
const HEAD_START_S = 10;
/** Recipients named for each one the channels could take: a plan that falls behind the dispatch would starve it, and its end tells the exact total. */
const TIMES_THE_RATE = 4;

/**
 * How far a plan may be ahead of its dispatch. A city named as fast as the machine can takes every core it finds for some ten seconds, in which an alert
 * beside it waits three times as long (docs/before-dispatch.md), and gains nothing: its messages leave at the provider's pace.
 */
export class PlanLead {
  /** `perSecond`: cost units a second of all channels of the campaign together, Infinity where one has no limit; `recipients`: named before `startedAt` (monotonic ms). */
  constructor(
    private readonly perSecond: number,
    private readonly recipients: number,
    private readonly startedAt: number,
  ) {}

  /** ms to wait before more are named, 0 = none. A recipient takes one unit at least, so that no channel ever waits for its plan. */
  restMs(recipients: number, now: number): number {
    const named = recipients - this.recipients;
    const dueAt = this.startedAt + (1_000 * (named / this.perSecond - HEAD_START_S)) / TIMES_THE_RATE;
    return Math.max(0, dueAt - now);
  }
}

/** Units a second of the routes of some channels; a channel that announced none, or one without a rate, is taken for unlimited. */
export function rateOf(manifests: readonly { readonly routes: readonly { readonly ratePerSecond: number }[] }[]): number {
  let sum = 0;
  for (const { routes } of manifests) {
    if (routes.length === 0) return Infinity;
    for (const { ratePerSecond } of routes) sum += ratePerSecond > 0 ? ratePerSecond : Infinity;
  }
  return sum;
}
