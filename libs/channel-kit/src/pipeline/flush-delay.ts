/**
 * ms at full speed. The granted window and the in-doubt window grow with it (8 items more than at 10 ms and 500/s), but each flush costs a produce and
 * three fetches of about 1 ms CPU: at 10 ms that is a fifth of a two-core machine (docs/adr/0005-attempt-flush.md).
 */
const FULL_SPEED_MS = 25;
const HALF_SPEED_MS = 50;
const LOW_SPEED_MS = 100;

/** Attempts worth a request of their own: a slow channel at its full speed would otherwise write each one alone, and wake three readers for it. */
const WORTH_A_FLUSH = 10;

/**
 * How long attempts gather before they are written, given the drain as part of the allowed rate (0 to 1) and in attempts a second. Urgent lanes never
 * wait.
 */
export function flushDelayMs(load: number, perSecond: number): number {
  if (load < 0.1) return LOW_SPEED_MS;
  const worthIt = (WORTH_A_FLUSH * 1_000) / Math.max(perSecond, 1);
  return Math.min(LOW_SPEED_MS, Math.max(worthIt, load >= 0.5 ? FULL_SPEED_MS : HALF_SPEED_MS));
}
