/** An answer that took longer says that too much runs at once, ms: below it nobody notices, and nothing is near its deadline. */
const SLOW_MS = 500;
/** Part of the places that stays after slow answers. */
const CUT = 0.8;
/** Calls that ran when places were cut are slow for a while yet: one cut answers them all, ms. */
const CUT_EVERY_MS = 250;
/** Places that come back with each quick answer. */
const GROWTH = 0.25;

/**
 * How many calls may run at once so that each is answered soon: fewer after slow answers, more after quick ones. How many that is depends on the machine, on the store and on what is asked for, and nobody can set it
 * beforehand; too many and all of them end behind their deadline, done for nothing. Pure: monotonic ms come in.
 */
export class PlacesBySpeed {
  #places: number;
  #cutAt = -Infinity;

  constructor(
    private readonly least: number,
    private readonly most: number,
  ) {
    this.#places = most;
  }

  get places(): number {
    return Math.floor(this.#places);
  }

  /** A call ended after so many ms; one that was not answered (refused, failed, given up by its client) is slow at most, never quick. */
  ended(tookMs: number, now: number, answered: boolean): void {
    if (tookMs <= SLOW_MS) {
      if (answered) this.#places = Math.min(this.most, this.#places + GROWTH);
    } else if (now - this.#cutAt >= CUT_EVERY_MS) {
      this.#cutAt = now;
      this.#places = Math.max(this.least, this.#places * CUT);
    }
  }
}
