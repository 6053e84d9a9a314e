import type { OutgoingRecord } from '@tocsin/contracts';
import type { Logger } from '@tocsin/observability';
import type { MongoConnection } from './documents.js';

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
   * TocsinError to refuse, or return null to change nothing. null answer: no such aggregate.
   */
  update(id: string, decide: (state: S, version: number) => Decision<S> | null): Promise<Stored<S> | null>;
  stop(): Promise<void>;
}

export interface AggregateStoreOptions {
  readonly collection: string;
  publish(records: readonly OutgoingRecord[]): Promise<void>;
  readonly logger: Logger;
  /** Unix ms. */
  now(): number;
}

export async function openAggregateStore<S>(connection: MongoConnection, options: AggregateStoreOptions): Promise<AggregateStore<S>> {
  void connection;
  throw new Error(`not built yet: ${options.collection}`);
}
