import type { Logger } from '@tocsin/observability';
import { backoff, delay } from './deadline.js';
import { GroupMembership, type AssignedPartition } from './group-membership.js';
import { partitionKey } from './raw-batch.js';

/** ms between two commits of handled batches: a commit is a request, and what is read twice is handled idempotently. */
const COMMIT_INTERVAL = 500;
/** Tries of one commit against a coordinator that does not answer; the next batch commits further. */
const COMMIT_TRIES = 4;

interface NextOffset extends AssignedPartition {
  readonly offset: number;
}

/** Commits of one member: merged while one is under way, and never for a partition it does not hold. */
export class OffsetCommitter {
  readonly #membership: GroupMembership;
  readonly #logger: Logger;
  readonly #lost: () => void;
  #assigned = new Set<string>();
  #waiting = new Map<string, NextOffset>();
  #running: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /** `lost` is called when a commit says that the group has moved on. */
  constructor(membership: GroupMembership, logger: Logger, lost: () => void) {
    this.#membership = membership;
    this.#logger = logger;
    this.#lost = lost;
  }

  /** Only these may be committed from now on; what waited for others is dropped, whoever has them reads it again. */
  assign(places: readonly AssignedPartition[]): void {
    this.#assigned = new Set(places.map(({ topic, partition }) => partitionKey(topic, partition)));
    this.#waiting.clear();
  }

  /** Commits soon, together with what else is handled until then. */
  later(offset: NextOffset): void {
    this.#add(offset);
    this.#timer ??= setTimeout(() => void this.flush(), COMMIT_INTERVAL);
  }

  /** Commits these now; resolves when committed or when the group has moved on, in which case they will be read again. */
  async now(offsets: readonly NextOffset[]): Promise<void> {
    for (const offset of offsets) this.#add(offset);
    await this.flush();
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = this.#running.then(() => this.#commit());
    return this.#running;
  }

  #add(offset: NextOffset): void {
    const key = partitionKey(offset.topic, offset.partition);
    if (this.#assigned.has(key)) this.#waiting.set(key, offset);
  }

  async #commit(): Promise<void> {
    const offsets = [...this.#waiting.values()];
    this.#waiting.clear();
    if (offsets.length === 0) return;
    for (let attempt = 0; attempt < COMMIT_TRIES; attempt++) {
      try {
        await this.#membership.commit(offsets);
        return;
      } catch (error) {
        if (GroupMembership.mustRejoin(error)) {
          this.#lost();
          return;
        }
        this.#logger.warn('kafka.commit.failed', { attempt, error: error instanceof Error ? error.message : String(error) });
        await delay(backoff(attempt, 100, 1_000));
      }
    }
    // Kept for the next round, unless something further was handled meanwhile.
    for (const offset of offsets) {
      const key = partitionKey(offset.topic, offset.partition);
      if (this.#assigned.has(key) && !this.#waiting.has(key)) this.#waiting.set(key, offset);
    }
  }
}
