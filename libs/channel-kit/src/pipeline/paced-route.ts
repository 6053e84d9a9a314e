import { TokenBucket } from '@tocsin/fairness';
import type { RouteDriver } from '../channel.js';
import { Circuit } from '../routes/circuit.js';

/** ms after which an answer counts as slow where the route's terms say nothing: twenty times a usual round trip, a fifth of the patience. */
const SLOW_MS = 2_000;

/** One submission whose answer is awaited. */
export interface Underway {
  /** Monotonic ms. */
  readonly started: number;
}

/** One route as this instance may use it: one bucket over the sum of its live shares, a window a share. */
export class PacedRoute {
  readonly bucket: TokenBucket;
  readonly circuit = new Circuit();
  /** In the order of their submission. */
  readonly underway = new Set<Underway>();
  readonly slowMs: number;
  readonly standby: boolean;
  /** At rest, beside the channel's other routes. */
  readonly restWeight: number;
  /** By share. */
  readonly #inFlight: number[] = [];
  readonly #liveShares: number;
  #owned: readonly number[] = [];
  #flying = 0;
  #paused = false;
  #ratePerSecond: number | undefined;
  #factor = 1;
  /** Submissions the provider has accepted since the start. */
  taken = 0;
  /** Monotonic ms before which nothing is tried. */
  notBefore = 0;

  constructor(
    readonly driver: RouteDriver,
    shares: number,
    now: number,
  ) {
    this.#liveShares = Math.min(shares, driver.binds ?? shares);
    this.bucket = new TokenBucket(0, now);
    this.slowMs = driver.terms?.slowMs ?? SLOW_MS;
    this.standby = driver.terms?.standby ?? false;
    this.restWeight = driver.terms?.weight ?? driver.ratePerSecond;
  }

  /** What operators say of it: nothing more is handed over while `paused`; `ratePerSecond` takes the place of the configured rate, undefined = it stands. */
  control(paused: boolean, ratePerSecond: number | undefined, now: number): void {
    this.#paused = paused;
    if (this.#ratePerSecond === ratePerSecond) return;
    this.#ratePerSecond = ratePerSecond;
    this.bucket.setRate(this.rate(), now);
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Rate x owned live shares / live shares: two instances can never send twice the rate. */
  setShares(owned: readonly number[], now: number): void {
    this.#owned = owned.filter((share) => share < this.#liveShares);
    this.bucket.setRate(this.rate(), now);
  }

  /** The part of its weight and rate it is used at, 0 to 1. */
  setFactor(factor: number, now: number): void {
    if (factor === this.#factor) return;
    this.#factor = factor;
    this.bucket.setRate(this.rate(), now);
  }

  /** Cost units a second this instance sends here, throttling aside. */
  rate(): number {
    return ((this.#ratePerSecond ?? this.driver.ratePerSecond) * this.#factor * this.#binds()) / this.#liveShares;
  }

  /** How much it counts beside the channel's other routes. */
  get weight(): number {
    return this.restWeight * this.#factor;
  }

  bound(): boolean {
    return !this.#paused && this.#owned.length > 0 && this.driver.bound();
  }

  /** Bound, and not resting because all it was given failed. */
  usable(): boolean {
    return this.circuit.state !== 'open' && this.bound();
  }

  /** ms its oldest unanswered submission has waited beyond what is slow; 0 = none. */
  overdueMs(now: number): number {
    const oldest = this.underway.values().next();
    return oldest.done === true ? 0 : Math.max(0, now - oldest.value.started - this.slowMs);
  }

  /** Whether one item more of a share may be submitted; bound, as it is handed on for every item. */
  readonly mayTake = (share: number): boolean => {
    const { window } = this.driver;
    if (this.circuit.state === 'trial' && this.#onTrial()) return false;
    return share < this.#liveShares && this.#flying < window * this.#binds() && (this.#inFlight[share] ?? 0) < window;
  };

  started(share: number): void {
    this.#flying += 1;
    this.#inFlight[share] = (this.#inFlight[share] ?? 0) + 1;
  }

  ended(share: number): void {
    this.#flying -= 1;
    this.#inFlight[share] = (this.#inFlight[share] ?? 1) - 1;
  }

  /** Whether one submitted since the trial began is under way: no other may go until its answer. What hung before it says nothing. */
  #onTrial(): boolean {
    for (const { started } of this.underway) if (started >= this.circuit.trialSince) return true;
    return false;
  }

  /** Binds this instance has here: one for each live share it owns, as far as it may. */
  #binds(): number {
    return Math.min(this.#owned.length, this.driver.bindsPerInstance ?? Infinity);
  }
}
