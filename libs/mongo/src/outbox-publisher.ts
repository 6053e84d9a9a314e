import type { OutgoingRecord } from '@tocsin/contracts';
import type { Logger } from '@tocsin/observability';
import { type OutboxEntry, fromOutbox } from './aggregate-document.js';
import { SerialByKey } from './serial-by-key.js';

/** Aggregates whose events are on their way from memory at once; the others wait for the sweep, so memory stays bounded while Kafka is away. */
const MAX_IN_FLIGHT = 1_000;
/** Aggregates remembered as published but not cleared; a forgotten one is published again by the sweep. */
const MAX_REMEMBERED = 10_000;

/** Publishes what aggregates owe, in version order per aggregate, and remembers what is acknowledged until it is cleared. */
export class OutboxPublisher {
  private readonly order = new SerialByKey();
  private readonly published = new Map<string, number>();
  private readonly inFlight = new Map<string, number>();
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly publish: (records: readonly OutgoingRecord[]) => Promise<void>,
    private readonly logger: Logger,
  ) {}

  /** Starts publishing and returns at once; a failure is left to the sweep. */
  start(id: string, entries: readonly OutboxEntry[]): void {
    if (entries.length === 0 || (this.inFlight.size >= MAX_IN_FLIGHT && !this.inFlight.has(id))) return;
    const run = this.publishNow(id, entries).catch((error: unknown) => {
      this.logger.warn('outbox.publish-failed', { aggregate: id, error: error instanceof Error ? error.message : String(error) });
    });
    this.running.add(run);
    void run.finally(() => this.running.delete(run));
  }

  /** Resolves when what the entries say and was not yet acknowledged is; entries are in version order. */
  async publishNow(id: string, entries: readonly OutboxEntry[]): Promise<void> {
    this.inFlight.set(id, (this.inFlight.get(id) ?? 0) + 1);
    try {
      await this.order.run(id, async () => {
        const owed = entries.filter((entry) => !this.isPublished(id, entry.version));
        if (owed.length === 0) return;
        await this.publish(fromOutbox(owed));
        this.remember(id, Math.max(...owed.map((entry) => entry.version)));
      });
    } finally {
      const left = (this.inFlight.get(id) ?? 1) - 1;
      if (left > 0) this.inFlight.set(id, left);
      else this.inFlight.delete(id);
    }
  }

  isPublished(id: string, version: number): boolean {
    return version <= (this.published.get(id) ?? 0);
  }

  isInFlight(id: string): boolean {
    return this.inFlight.has(id);
  }

  /** What was remembered of this aggregate up to this version is cleared in its document. */
  forget(id: string, version: number): void {
    if (this.isPublished(id, version) && (this.published.get(id) ?? 0) <= version) this.published.delete(id);
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.running);
  }

  private remember(id: string, version: number): void {
    const before = this.published.get(id) ?? 0;
    this.published.delete(id);
    this.published.set(id, Math.max(before, version));
    if (this.published.size <= MAX_REMEMBERED) return;
    const oldest = this.published.keys().next();
    if (!oldest.done) this.published.delete(oldest.value);
  }
}
