import { Envelope } from '@tocsin/contracts/common/v1/common';
import type { OutgoingRecord } from '@tocsin/contracts';
import type { Guarded } from './documents.js';

/** A record that an aggregate owes to Kafka since `version`; the envelope rests encoded. */
export interface OutboxEntry {
  readonly version: number;
  readonly topic: string;
  readonly key: string;
  readonly partition?: number;
  /** null = tombstone. */
  readonly envelope: Buffer | null;
}

/** `v` guards writes (clearing the outbox moves it too); `version` counts decisions. */
export interface AggregateDocument<S> extends Guarded {
  readonly version: number;
  readonly state: S;
  readonly outbox: readonly OutboxEntry[];
}

/** Written before the state: names the aggregate and the version to come. */
export interface Marker extends Guarded {
  readonly aggregate: string;
  readonly version: number;
  /** Unix ms of the write. */
  readonly at: number;
}

export function markerId(aggregate: string, version: number): string {
  return `${aggregate}:${version}`;
}

/** Events carry the aggregate's version as their epoch, so that consumers can ignore older ones, and the trace of who decided. */
export function toOutbox(version: number, records: readonly OutgoingRecord[], traceparent: string): OutboxEntry[] {
  return records.map(({ topic, key, partition, envelope }) => ({
    version,
    topic,
    key,
    ...(partition === undefined ? {} : { partition }),
    envelope:
      envelope &&
      Buffer.from(
        Envelope.encode({ ...envelope, epoch: envelope.epoch || version, traceparent: envelope.traceparent || traceparent }).finish(),
      ),
  }));
}

export function fromOutbox(entries: readonly OutboxEntry[]): OutgoingRecord[] {
  return entries.map(({ topic, key, partition, envelope }) => ({
    topic,
    key,
    ...(partition === undefined ? {} : { partition }),
    envelope: envelope && Envelope.decode(envelope),
  }));
}
