/** ms without progress, with work pending, after which a service is not alive. */
export const PROGRESS_LIMIT = 15_000;
/** ms between two looks. */
export const WATCH_INTERVAL = 1_000;
/** A longer gap between two looks means this process itself was stopped: nothing could progress meanwhile, and the time does not count. */
const STOPPED_GAP = 5_000;

interface Watch {
  readonly name: string;
  pending(): boolean;
  progress(): number;
  last: number;
  /** Monotonic ms of the last progress seen. */
  at: number;
}

/** Sees whether what has work goes on with it; time comes in as monotonic ms. */
export class ProgressWatch {
  readonly #watches: Watch[] = [];
  #lookedAt: number;

  constructor(now: number) {
    this.#lookedAt = now;
  }

  add(name: string, watch: { pending(): boolean; progress(): number }, now: number): void {
    this.#watches.push({ name, pending: () => watch.pending(), progress: () => watch.progress(), last: watch.progress(), at: now });
  }

  /** Names of those without progress for 15 s. */
  stuck(now: number): string[] {
    const stopped = now - this.#lookedAt > STOPPED_GAP;
    this.#lookedAt = now;
    return this.#watches.filter((watch) => this.#isStuck(watch, now, stopped)).map((watch) => watch.name);
  }

  #isStuck(watch: Watch, now: number, stopped: boolean): boolean {
    const progress = watch.progress();
    if (stopped || !watch.pending() || progress !== watch.last) {
      watch.last = progress;
      watch.at = now;
    }
    return now - watch.at >= PROGRESS_LIMIT;
  }
}
