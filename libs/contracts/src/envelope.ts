import { encodeMessage, type MessageEncoder } from './encode-message.js';
import { type Envelope, Lane, Status } from './gen/tocsin/common/v1/common.js';
import { newId } from './ids.js';
import { RECORD_TYPES, type RecordOf, type RecordType } from './record-types.js';

/** What an envelope says beside its payload; times are Unix ms, 0 = not set. */
export interface EnvelopeMeta {
  readonly tenantId: string;
  readonly occurredAt: number;
  readonly lane?: Lane;
  readonly status?: Status;
  readonly expiresAt?: number;
  readonly epoch?: number;
  readonly eventId?: string;
  /** Filled by libs/kafka from the active span when absent. */
  readonly traceparent?: string;
}

/** A record on its way to Kafka. */
export interface OutgoingRecord {
  /** Topic name without prefix. */
  readonly topic: string;
  readonly key: string;
  /** Only where the partition is a share or a ledger partition; else the key decides. */
  readonly partition?: number;
  /** null = tombstone on a compacted topic. */
  readonly envelope: Envelope | null;
}

export function packEnvelope<T extends RecordType>(type: T, value: RecordOf<T>, meta: EnvelopeMeta): Envelope {
  // The union of codecs cannot be called with a correlated value; the table guarantees that type and codec belong together.
  const codec = RECORD_TYPES[type] as unknown as MessageEncoder<RecordOf<T>>;
  return {
    type,
    eventId: meta.eventId ?? newId('evt'),
    tenantId: meta.tenantId,
    lane: meta.lane ?? Lane.UNSPECIFIED,
    status: meta.status ?? Status.UNSPECIFIED,
    expiresAt: meta.expiresAt ?? 0,
    traceparent: meta.traceparent ?? '',
    occurredAt: meta.occurredAt,
    epoch: meta.epoch ?? 0,
    payload: encodeMessage(codec, value),
  };
}

export type UnpackedRecord = { [T in RecordType]: { readonly type: T; readonly value: RecordOf<T> } }[RecordType];

/** Decodes the payload by the envelope's type; throws RangeError for an unknown type and what the codec throws for damaged bytes. */
export function unpackEnvelope(envelope: Envelope): UnpackedRecord {
  if (!Object.hasOwn(RECORD_TYPES, envelope.type)) throw new RangeError(`unknown record type "${envelope.type}"`);
  const type = envelope.type as RecordType;
  return { type, value: RECORD_TYPES[type].decode(envelope.payload) } as UnpackedRecord;
}

export function record<T extends RecordType>(
  topic: string,
  key: string,
  type: T,
  value: RecordOf<T>,
  meta: EnvelopeMeta,
  partition?: number,
): OutgoingRecord {
  const envelope = packEnvelope(type, value, meta);
  return partition === undefined ? { topic, key, envelope } : { topic, key, envelope, partition };
}
