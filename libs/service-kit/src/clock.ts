/** The one source of time of a service. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Monotonic milliseconds, for ages and leases. */
  monotonic(): number;
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** Milliseconds of a day. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** The system's time so many days later: lets a rehearsal see today what retention does in a year. Ages and leases stay as they are. */
export function shiftedClock(days: number): Clock {
  return days === 0 ? systemClock : { now: () => Date.now() + days * DAY_MS, monotonic: () => performance.now() };
}
