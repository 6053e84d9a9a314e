import type { Clock } from './clock.js';
import { ProgressWatch, WATCH_INTERVAL } from './progress-watch.js';
import type { Health } from './service.js';

/** What the probes answer: ready when started, not draining and every check says yes; live until something is stuck or failed. */
export class HealthState implements Health {
  readonly #checks = new Map<string, () => boolean>();
  readonly #watch: ProgressWatch;
  readonly #clock: Clock;
  #phase: 'starting' | 'running' | 'draining' | 'failed' = 'starting';
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#watch = new ProgressWatch(clock.monotonic());
  }

  readyWhen(name: string, check: () => boolean): void {
    this.#checks.set(name, check);
  }

  aliveWhile(name: string, watch: { pending(): boolean; progress(): number }): void {
    this.#watch.add(name, watch, this.#clock.monotonic());
  }

  enter(phase: 'running' | 'draining' | 'failed'): void {
    // A failed process stays failed, whatever its drain still does.
    if (this.#phase !== 'failed') this.#phase = phase;
  }

  live(): boolean {
    return this.#phase !== 'failed';
  }

  /** What stands against being ready; empty when ready. */
  notReady(): string[] {
    const failing = [...this.#checks].filter(([, check]) => !holds(check)).map(([name]) => name);
    return this.#phase === 'running' ? failing : [this.#phase, ...failing];
  }

  /** Looks once a second, and calls back once with the names of what is stuck. */
  watch(stuck: (names: readonly string[]) => void): void {
    this.#timer = setInterval(() => {
      const names = this.#watch.stuck(this.#clock.monotonic());
      if (names.length === 0) return;
      this.stop();
      stuck(names);
    }, WATCH_INTERVAL);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}
