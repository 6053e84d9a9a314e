import { setTimeout as pause } from 'node:timers/promises';
import type { OutgoingRecord } from '@tocsin/contracts';
import { TocsinError } from '@tocsin/errors';
import type { Logger } from '@tocsin/observability';
import { type AggregateDocument, type Marker, markerId, toOutbox } from './aggregate-document.js';
import type { Documents, MongoConnection } from './documents.js';
import { OutboxPublisher } from './outbox-publisher.js';
import { OutboxSweep } from './outbox-sweep.js';
import { SerialByKey } from './serial-by-key.js';

export interface Decision<S> {
  readonly state: S;
  /** Published straight after the acknowledged write, and by the sweep if the process dies before. */
  readonly events: readonly OutgoingRecord[];
}

export interface Stored<S> {
  readonly state: S;
  readonly version: number;
}

/** State, inbox marks and outbox in one document, one write; a marker written before names the aggregate and the version to come. */
export interface AggregateStore<S> {
  get(id: string): Promise<Stored<S> | null>;
  getMany(ids: readonly string[]): Promise<readonly (Stored<S> | null)[]>;
  /** null: the id exists. `events` sees version 1. */
  create(id: string, decision: Decision<S>): Promise<Stored<S> | null>;
  /**
   * Reads, decides, writes guarded; decides again when the guard is lost (at most 10 times, then TocsinError ABORTED). `decide` may throw a
   * TocsinError to refuse, or return null to change nothing. null answer: no such aggregate. `seen`: what `get` answered a moment ago, decided on without
   * reading it again; when it is stale the guard says so.
   */
  update(id: string, decide: (state: S, version: number) => Decision<S> | null, seen?: Stored<S>): Promise<Stored<S> | null>;
  /** Whether Kafka has acknowledged, within so many ms, all that was decided about an aggregate until now, by whatever process. */
  told(id: string, withinMs: number): Promise<boolean>;
  /** Ends the sweep and awaits (5 s at most) what is being published from memory. */
  stop(): Promise<void>;
}

export interface AggregateStoreOptions {
  readonly collection: string;
  publish(records: readonly OutgoingRecord[]): Promise<void>;
  readonly logger: Logger;
  /** Unix ms. */
  now(): number;
  /** Of the span that decides, '' when there is none: kept with what is owed, so that it is published within that trace by whoever publishes it. */
  traceparent(): string;
}

/** Times a decision is taken anew when another process wrote first. */
const MAX_DECISIONS = 10;
/** Milliseconds waited at most after the n-th lost guard, times n: spreads two processes that meet on one record. */
const LOST_GUARD_PAUSE_MS = 8;

/** Milliseconds `stop` waits for Kafka at most; what is still owed then is found by the next start. */
const STOP_MS = 5_000;

/** Opens "<collection>" and "<collection>_markers", and sweeps the markers at once and every 5 s. */
export async function openAggregateStore<S>(connection: MongoConnection, options: AggregateStoreOptions): Promise<AggregateStore<S>> {
  const aggregates = await connection.documents<AggregateDocument<S>>(options.collection);
  const markers = await connection.documents<Marker>(`${options.collection}_markers`);
  const logger = options.logger.child({ collection: options.collection });
  const publisher = new OutboxPublisher((records) => options.publish(records), logger);
  const writers = new SerialByKey();
  const sweep = new OutboxSweep<S>({ aggregates, markers, publisher, writers, logger, now: () => options.now() });
  sweep.start();
  return new MarkedStore<S>(
    aggregates,
    markers,
    publisher,
    writers,
    sweep,
    () => options.now(),
    () => options.traceparent(),
  );
}

class MarkedStore<S> implements AggregateStore<S> {
  /** The document behind what `get` answered, for as long as the caller keeps it. */
  private readonly read = new WeakMap<Stored<S>, AggregateDocument<S>>();

  constructor(
    private readonly aggregates: Documents<AggregateDocument<S>>,
    private readonly markers: Documents<Marker>,
    private readonly publisher: OutboxPublisher,
    private readonly writers: SerialByKey,
    private readonly sweep: OutboxSweep<S>,
    private readonly now: () => number,
    private readonly traceparent: () => string,
  ) {}

  async get(id: string): Promise<Stored<S> | null> {
    const document = await this.aggregates.get(id);
    const answer = stored(document);
    if (document && answer) this.read.set(answer, document);
    return answer;
  }

  async getMany(ids: readonly string[]): Promise<readonly (Stored<S> | null)[]> {
    return (await this.aggregates.getMany(ids)).map(stored);
  }

  create(id: string, decision: Decision<S>): Promise<Stored<S> | null> {
    return this.writers.run(id, async () => {
      const outbox = toOutbox(1, decision.events, this.traceparent());
      if (outbox.length > 0) await this.mark(id, 1);
      const document = { _id: id, v: 1, version: 1, state: decision.state, outbox };
      if (!(await this.aggregates.insert(document))) return null;
      this.publisher.start(id, outbox);
      return { state: decision.state, version: 1 };
    });
  }

  update(id: string, decide: (state: S, version: number) => Decision<S> | null, seen?: Stored<S>): Promise<Stored<S> | null> {
    return this.writers.run(id, async () => {
      const known = seen && this.read.get(seen);
      for (let lost = 0; lost < MAX_DECISIONS; lost += 1) {
        if (lost > 0) await pause(Math.random() * LOST_GUARD_PAUSE_MS * lost);
        const document = lost === 0 && known?._id === id ? known : await this.aggregates.get(id);
        if (!document) return null;
        const decision = decide(document.state, document.version);
        if (!decision) return { state: document.state, version: document.version };
        if (await this.write(document, decision)) return { state: decision.state, version: document.version + 1 };
      }
      throw new TocsinError('ABORTED', 'TOO_MANY_WRITERS', 'Others changed the same record at the same time; try again.');
    });
  }

  async told(id: string, withinMs: number): Promise<boolean> {
    const document = await this.aggregates.get(id);
    if (!document || document.outbox.length === 0) return true;
    // What another process published already goes once more: its readers know the version.
    const publishing = this.publisher.publishNow(id, document.outbox).then(
      () => true,
      () => false,
    );
    return Promise.race([publishing, pause(withinMs, false, { ref: false })]);
  }

  async stop(): Promise<void> {
    const settled = this.sweep.stop().then(() => this.publisher.settled());
    await Promise.race([settled, pause(STOP_MS, undefined, { ref: false })]);
  }

  private async write(document: AggregateDocument<S>, decision: Decision<S>): Promise<boolean> {
    const version = document.version + 1;
    const fresh = toOutbox(version, decision.events, this.traceparent());
    if (fresh.length > 0) await this.mark(document._id, version);
    // What older versions still owe travels on, so that whoever publishes keeps the order of versions.
    const owed = document.outbox.filter((entry) => !this.publisher.isPublished(document._id, entry.version));
    const outbox = [...owed, ...fresh];
    if (!(await this.aggregates.replace({ ...document, version, state: decision.state, outbox }))) return false;
    this.publisher.start(document._id, outbox);
    return true;
  }

  /** A marker that stands already is written anew, so that the sweep does not take it for one whose version never came. */
  private async mark(aggregate: string, version: number): Promise<void> {
    const marker: Marker = { _id: markerId(aggregate, version), v: 1, aggregate, version, at: this.now() };
    for (let lost = 0; lost < MAX_DECISIONS; lost += 1) {
      if (await this.markers.insert(marker)) return;
      const standing = await this.markers.get(marker._id);
      if (standing && (await this.markers.replace({ ...marker, v: standing.v }))) return;
    }
    throw new TocsinError('ABORTED', 'TOO_MANY_WRITERS', 'Others changed the same record at the same time; try again.');
  }
}

function stored<S>(document: AggregateDocument<S> | null): Stored<S> | null {
  return document && { state: document.state, version: document.version };
}
