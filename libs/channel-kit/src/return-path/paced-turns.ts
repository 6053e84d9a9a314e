import { TocsinError } from '@tocsin/errors';
import { TokenBucket } from '@tocsin/fairness';
import type { Clock } from '@tocsin/service-kit';

/** ms between two looks while some wait: what comes free meanwhile goes in one turn of the event loop. */
const LOOK_MS = 5;
/** Seconds of the rate that may wait; who comes later is to come again. Far beyond the windows of a provider's binds, which bound what is under way. */
const WAITING_SECONDS = 2;

/** Lets so many a second through, in the order they come; at once go 1 % of a second. */
export class PacedTurns {
  readonly #bucket: TokenBucket;
  readonly #maxWaiting: number;
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(
    ratePerSecond: number,
    private readonly clock: Pick<Clock, 'monotonic'>,
  ) {
    this.#bucket = new TokenBucket(ratePerSecond, clock.monotonic());
    this.#maxWaiting = Math.ceil(ratePerSecond * WAITING_SECONDS);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Undefined: now. Otherwise resolves when its turn has come; rejects with RESOURCE_EXHAUSTED when too many wait. */
  next(): Promise<void> | undefined {
    const now = this.clock.monotonic();
    if (this.#waiting.length === 0 && this.#bucket.ready(now)) {
      this.#bucket.take(1, now);
      return undefined;
    }
    if (this.#waiting.length >= this.#maxWaiting) {
      return Promise.reject(new TocsinError('RESOURCE_EXHAUSTED', 'TOO_MANY_WAIT', `${this.#maxWaiting} wait for their turn already.`));
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#wait(now);
    });
  }

  /** Those who wait are told nothing: whoever sent them sends them again. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
  }

  #wait(now: number): void {
    this.#timer ??= setTimeout(() => this.#look(), Math.max(LOOK_MS, this.#bucket.waitMs(now)));
  }

  #look(): void {
    this.#timer = undefined;
    const now = this.clock.monotonic();
    let through = 0;
    for (; through < this.#waiting.length && this.#bucket.ready(now); through++) {
      this.#bucket.take(1, now);
      this.#waiting[through]?.();
    }
    this.#waiting.splice(0, through);
    if (this.#waiting.length > 0) this.#wait(now);
  }
}
