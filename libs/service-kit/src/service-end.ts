import type { Logger, Tracing } from '@tocsin/observability';
import { DRAIN_DEADLINE, DrainOrder } from './drain-order.js';
import type { HealthState } from './health-state.js';

/** ms a failing service takes to drain at most: a restart mends it, waiting does not. */
const FAIL_DEADLINE = 2_000;
/** ms after the drain's deadline at which the process ends whatever still holds it. */
const LAST_CALL = 500;

/** The one way out of a process: a drain on SIGTERM or SIGINT, a short one on failure; whichever comes first, once. */
export class ServiceEnd {
  readonly drain: DrainOrder;
  readonly #health: HealthState;
  readonly #logger: Logger;
  readonly #tracing: Tracing;
  readonly #after: (() => Promise<void>)[] = [];
  #ending: 'no' | 'drain' | 'fail' = 'no';

  constructor(health: HealthState, logger: Logger, tracing: Tracing) {
    this.drain = new DrainOrder(logger);
    this.#health = health;
    this.#logger = logger;
    this.#tracing = tracing;
  }

  /** Takes over signals and what nobody caught; a second signal finds the drain under way and changes nothing. */
  listen(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#drain(signal));
    process.on('unhandledRejection', (error) => this.fail('UNHANDLED_REJECTION', error));
    process.on('uncaughtException', (error) => this.fail('UNCAUGHT_EXCEPTION', error));
  }

  /** What is closed after the last stage, such as the probes that tell how the drain goes. */
  afterDrain(close: () => Promise<void>): void {
    this.#after.push(close);
  }

  fail(reason: string, error?: unknown): void {
    this.#logger.error('service.failed', { reason, ...(error === undefined ? {} : { error }) });
    this.#health.enter('failed');
    // A failure during a drain is logged, and the drain has its own end.
    if (this.#ending !== 'no') return;
    this.#ending = 'fail';
    void this.#end(FAIL_DEADLINE, 1);
  }

  #drain(signal: string): void {
    if (this.#ending !== 'no') return;
    this.#ending = 'drain';
    this.#logger.info('service.draining', { signal });
    this.#health.enter('draining');
    void this.#end(DRAIN_DEADLINE, 0);
  }

  async #end(deadline: number, code: number): Promise<void> {
    setTimeout(() => process.exit(1), deadline + LAST_CALL);
    this.#health.stop();
    const failed = await this.drain.run(deadline);
    // These end within the last call or with it; their failure changes nothing any more.
    await Promise.allSettled([...this.#after.map((close) => close()), this.#tracing.shutdown()]);
    this.#logger.info('service.ended', { code: failed.length > 0 ? 1 : code, ...(failed.length > 0 ? { failed } : {}) });
    process.exit(failed.length > 0 ? 1 : code);
  }
}
