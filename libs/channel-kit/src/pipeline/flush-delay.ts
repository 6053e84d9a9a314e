/** ms at full speed: the granted window and the in-doubt window grow with it, a Kafka request costs 1 ms of CPU. */
const FULL_SPEED_MS = 10;
const HALF_SPEED_MS = 50;
const LOW_SPEED_MS = 100;

/** How long attempts gather before they are written, given the drain as part of the allowed rate (0 to 1). Urgent lanes never wait. */
export function flushDelayMs(load: number): number {
  if (load >= 0.5) return FULL_SPEED_MS;
  return load >= 0.1 ? HALF_SPEED_MS : LOW_SPEED_MS;
}
