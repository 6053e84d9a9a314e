/**
 * ms at full speed. The granted window and the in-doubt window grow with it (8 items more than at 10 ms and 500/s), but each flush costs a produce and
 * three fetches of about 1 ms CPU: at 10 ms that is a fifth of a two-core machine (docs/adr/0005-attempt-flush.md).
 */
const FULL_SPEED_MS = 25;
const HALF_SPEED_MS = 50;
const LOW_SPEED_MS = 100;

/** How long attempts gather before they are written, given the drain as part of the allowed rate (0 to 1). Urgent lanes never wait. */
export function flushDelayMs(load: number): number {
  if (load >= 0.5) return FULL_SPEED_MS;
  return load >= 0.1 ? HALF_SPEED_MS : LOW_SPEED_MS;
}
