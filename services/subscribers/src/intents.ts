import { RETRY_RULE, TocsinError } from '@tocsin/errors';
import type { Documents, Guarded } from '@tocsin/mongo';
import type { Logger } from '@tocsin/observability';

/** Something a caller was promised, written before its first step, so that a crash between two steps is mended. */
export interface IntentDocument<T> extends Guarded {
  /** Unix ms. */
  readonly at: number;
  readonly what: T;
}

/** Milliseconds between two sweeps, and the age from which an intent is taken for left behind: above the deadline of the call that made it. */
const SWEEP_EVERY_MS = 5_000;
const LEFT_BEHIND_MS = 15_000;

/** Carries out intents: written, done, deleted; those a dead process left are done again by the sweep. `run` is idempotent. */
export class Intents<T> {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly documents: Documents<IntentDocument<T>>,
    private readonly run: (what: T) => Promise<void>,
    private readonly now: () => number,
    private readonly logger: Logger,
  ) {}

  async carryOut(id: string, what: T): Promise<void> {
    await this.documents.insert({ _id: id, v: 1, at: this.now(), what });
    await this.finish(id, what);
  }

  start(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.sweep()
        .catch((error: unknown) =>
          this.logger.warn('intents.sweep-failed', { error: error instanceof Error ? error.message : String(error) }),
        )
        .then(() => this.start());
    }, SWEEP_EVERY_MS);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Does again what was left behind. */
  async sweep(): Promise<void> {
    for (const intent of await this.documents.all()) {
      if (this.stopped) return;
      if (this.now() - intent.at < LEFT_BEHIND_MS) continue;
      await this.finish(intent._id, intent.what).catch((error: unknown) => {
        this.logger.warn('intents.left', { reason: error instanceof TocsinError ? error.reason : 'FAULT' });
      });
    }
  }

  /** A refusal that stays the same whenever it is asked again ends the intent too. */
  private async finish(id: string, what: T): Promise<void> {
    try {
      await this.run(what);
    } catch (error) {
      if (error instanceof TocsinError && !RETRY_RULE[error.code].retryable) await this.documents.remove(id);
      throw error;
    }
    await this.documents.remove(id);
  }
}
