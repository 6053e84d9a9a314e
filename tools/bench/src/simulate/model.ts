/** What decides who is next, and what is left away from it to see what it is good for. */
export type Policy =
  /** As built. */
  | 'fair'
  /** The channel sends grants in the order they came. */
  | 'fair, channel not ordered by tag'
  /** A newcomer enters behind what is granted. */
  | 'fair, virtual time as granted'
  /** Campaigns one after the other as released, in the scheduler and in the channel. */
  | 'fifo';

export interface SimulatedRelease {
  readonly tenant: string;
  /** ms. */
  readonly at: number;
  readonly contacts: number;
  /** Cost units of each message. */
  readonly cost: number;
  readonly weight: number;
  /** 0 = life-safety to 3 = bulk. */
  readonly lane: number;
}

/** Delays of the dispatch loop, ms, and sizes; the defaults are the constants of services/routing and libs/channel-kit at 500/s. */
export interface Model {
  /** Cost units a second that the provider takes. */
  readonly rate: number;
  /** Between two turns of the scheduler. */
  readonly pace: number;
  /** One record through Kafka: at least this, and an exponential part with this mean (p50 8, p95 22 together). */
  readonly hopAtLeast: number;
  readonly hopMean: number;
  /** Until an answered attempt is written. */
  readonly flush: number;
  /** Submission to the provider's answer. */
  readonly roundTrip: number;
  /** Cost units granted and unanswered before an item, in the channel's order. */
  readonly window: number;
  /** Items a channel holds in order; what comes beyond waits before it as it came. */
  readonly holds: number;
  /** A tenant's life-safety units: at once and a second; undefined = unlimited. */
  readonly budget?: { readonly capacity: number; readonly perSecond: number };
}

const RATE = 500;
const ROUND_TRIP_MS = 50;
/** Grant wait, attempt flush, two hops, as services/routing adds them up, with its slack. */
const LOOP_MS = (20 + 40 + 2 * 25 + ROUND_TRIP_MS) * 1.3;

export const DEFAULT_MODEL: Model = {
  rate: RATE,
  pace: 10,
  hopAtLeast: 4,
  hopMean: 6,
  flush: 25,
  roundTrip: ROUND_TRIP_MS,
  window: (RATE * LOOP_MS) / 1_000,
  holds: 2_000,
};

/** life-safety and urgent: their attempts are written at once, their grants do not wait for a pace and see only their own lanes' window, times 8. */
export const URGENT_LANES = 2;
/** Where a life-safety campaign goes on once its tenant's budget is spent. */
export const DEMOTED_LANE = 2;
export const URGENT_WINDOWS = 8;
export const LANE_COUNT = 4;
