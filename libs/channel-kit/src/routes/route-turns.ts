/** Who is next among routes with weights. */
export interface Weighted {
  /** Its weight as it counts now; 0 = last of all. */
  readonly weight: number;
}

/** Least weight that is reckoned with: a route that nothing speaks for is still a route when the others are full. */
const LEAST = 1e-6;

/**
 * Start-time fair turns over a channel's routes: each carries in proportion to its weight at any load, and one that was away or full catches up on nothing. Pure.
 */
export class RouteTurns<R extends Weighted> {
  readonly #finish = new Map<R, number>();
  #time = 0;

  /** Those that may go now, the next one first; of two that are level the heavier. */
  order(ready: readonly R[]): readonly R[] {
    return ready.length < 2 ? ready : ready.toSorted((a, b) => this.#start(a) - this.#start(b) || b.weight - a.weight);
  }

  /** A route has taken so many cost units. */
  took(route: R, cost: number): void {
    const start = this.#start(route);
    this.#time = start;
    this.#finish.set(route, start + cost / Math.max(route.weight, LEAST));
  }

  #start(route: R): number {
    return Math.max(this.#finish.get(route) ?? 0, this.#time);
  }
}
