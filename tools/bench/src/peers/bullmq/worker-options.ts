export const QUEUE = 'alerts';

/** What one message of the control is: as much as Tocsin's grant carries. */
export interface AlertJob {
  readonly deliveryId: string;
  /** E.164. */
  readonly to: string;
  readonly text: string;
}

export interface WorkerOptions {
  readonly redisPort: number;
  /** Jobs at work at once; at 500/s and 10 ms a submission 5 are, the rest is room. */
  readonly concurrency: number;
  /** Messages a second of BullMQ's own limiter (`limiter: {max, duration: 1000}`); 0 = none. */
  readonly ratePerSecond: number;
  /** Port of an SMSC stand-in; 0 = a sink that takes everything and does nothing. */
  readonly smppPort: number;
}
