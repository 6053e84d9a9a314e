import type { Message } from '@tocsin/contracts/campaigns/v1/campaign';
import type { Rendered, RouteDriver } from '../channel.js';

/** What the provider's stand-in is told to do with the next submissions. */
export type Behaviour =
  /** Takes everything. */
  | 'accept'
  /** Asks to slow down. */
  | 'throttle'
  /** Refuses the address for good. */
  | 'refuse'
  /** Is down: no connection, or none that takes anything. */
  | 'unavailable'
  /** Answers after more than the deadline it is given. */
  | 'slow';

/** A driver bound to its stand-in on loopback. */
export interface ConformanceRig {
  /** Not started: the suite starts it, gives it shares and stops it. */
  readonly driver: RouteDriver;
  behave(behaviour: Behaviour): void | Promise<void>;
  /** Stops the stand-in. */
  stop(): void | Promise<void>;
}

/** One channel as the suite sees it. */
export interface ConformanceSubject {
  /** URL of its channel.json. */
  readonly manifest: URL;
  render(message: Message, variables: Readonly<Record<string, string>>): Rendered;
  /** An address of the channel's kind, of a reserved range. */
  readonly address: string;
  /** Makes a provider client for this host in development mode; must throw off loopback. */
  refuses(host: string): unknown;
  rig(): Promise<ConformanceRig>;
}
