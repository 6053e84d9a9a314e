import type { Logger } from '@tocsin/observability';
import type { AggregateDocument, Marker } from './aggregate-document.js';
import type { Documents } from './documents.js';
import type { OutboxPublisher } from './outbox-publisher.js';
import type { SerialByKey } from './serial-by-key.js';

/** Milliseconds between two sweeps. */
const SWEEP_EVERY_MS = 5_000;
/** Markers younger than this belong to a writer that is publishing from memory; only the sweep at start takes them too. */
const YOUNG_MS = 5_000;
/** A marker whose version never came is left this long: its writer may be frozen between the two writes. */
const NEVER_CAME_MS = 24 * 60 * 60 * 1000;
/** Aggregates mended side by side. */
const AT_ONCE = 8;

export interface SweepParts<S> {
  readonly aggregates: Documents<AggregateDocument<S>>;
  readonly markers: Documents<Marker>;
  readonly publisher: OutboxPublisher;
  readonly writers: SerialByKey;
  readonly logger: Logger;
  readonly now: () => number;
}

/** Reads only markers: publishes what a dead process owed, clears what is published, deletes markers that have nothing to say any more. */
export class OutboxSweep<S> {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly parts: SweepParts<S>) {}

  start(): void {
    this.next(0, true);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** One pass; `all` takes the young markers too. */
  async sweep(all: boolean): Promise<void> {
    const groups = new Map<string, Marker[]>();
    for (const marker of await this.parts.markers.all()) groups.set(marker.aggregate, [...(groups.get(marker.aggregate) ?? []), marker]);
    const waiting = [...groups];
    const worker = async (): Promise<void> => {
      for (let group = waiting.shift(); group && !this.stopped; group = waiting.shift()) await this.mend(group[0], group[1], all);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  private async mend(id: string, markers: readonly Marker[], all: boolean): Promise<void> {
    const { aggregates, publisher, writers, now } = this.parts;
    const document = await aggregates.get(id);
    if (document && document.outbox.length > 0) {
      const owed = document.outbox.filter((entry) => !publisher.isPublished(id, entry.version));
      const young = !all && markers.some((marker) => now() - marker.at < YOUNG_MS);
      if (owed.length > 0 && (publisher.isInFlight(id) || young)) return;
      await publisher.publishNow(id, document.outbox);
      const cleared = await writers.run(id, () => aggregates.replace({ ...document, outbox: [] }));
      // Somebody wrote meanwhile: that document carries what it owes, and its marker stands.
      if (!cleared) return;
    }
    const reached = document?.version ?? 0;
    publisher.forget(id, reached);
    for (const marker of markers) {
      if (marker.version <= reached || now() - marker.at > NEVER_CAME_MS) await this.parts.markers.removeGuarded(marker);
    }
  }

  private next(delayMs: number, all: boolean): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.sweep(all).then(
        () => this.next(SWEEP_EVERY_MS, false),
        (error: unknown) => {
          this.parts.logger.warn('outbox.sweep-failed', { error: error instanceof Error ? error.message : String(error) });
          this.next(SWEEP_EVERY_MS, all);
        },
      );
    }, delayMs);
  }
}
