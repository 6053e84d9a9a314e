import { TokenBucket } from '@tocsin/fairness';
import type { RouteDriver } from '../channel.js';

/** One route as this instance may use it: one bucket over the sum of its live shares, a window a share. */
export class PacedRoute {
  readonly bucket: TokenBucket;
  /** By share. */
  readonly #inFlight: number[] = [];
  readonly #liveShares: number;
  #owned: readonly number[] = [];
  #flying = 0;
  #paused = false;
  #ratePerSecond: number | undefined;
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

  /** Cost units a second this instance may send here, throttling aside. */
  rate(): number {
    return ((this.#ratePerSecond ?? this.driver.ratePerSecond) * this.#binds()) / this.#liveShares;
  }

  bound(): boolean {
    return !this.#paused && this.#owned.length > 0 && this.driver.bound();
  }

  /** Whether one item more of a share may be submitted; bound, as it is handed on for every item. */
  readonly mayTake = (share: number): boolean => {
    const { window } = this.driver;
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

  /** Binds this instance has here: one for each live share it owns, as far as it may. */
  #binds(): number {
    return Math.min(this.#owned.length, this.driver.bindsPerInstance ?? Infinity);
  }
}
