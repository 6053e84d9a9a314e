/** A commune behind a city in a queue. */
export interface Queued {
  /** Unix ms. */
  readonly calledAt: number;
  /** undefined = not while it was watched. */
  readonly completedAt: number | undefined;
  readonly units: number;
  /** What was in front of it when it came, units. */
  readonly unitsAhead: number;
  /** Unix ms. */
  readonly watchedUntil: number;
  /** Units a second. */
  readonly rate: number;
}

export interface Waited {
  readonly completed: boolean;
  /** Until it was complete, or until nobody watched any more: at least so long, ms. */
  readonly atLeastMs: number;
  /** What its place in the queue says, ms: everything in front of it at the whole rate, then itself. */
  readonly byPlaceMs: number;
}

export function waitedIn({ calledAt, completedAt, units, unitsAhead, watchedUntil, rate }: Queued): Waited {
  return {
    completed: completedAt !== undefined,
    atLeastMs: (completedAt ?? watchedUntil) - calledAt,
    byPlaceMs: ((unitsAhead + units) * 1_000) / rate,
  };
}
