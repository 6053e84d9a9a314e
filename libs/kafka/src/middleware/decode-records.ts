import { RECORD_TYPES } from '@tocsin/contracts';
import { Envelope } from '@tocsin/contracts/common/v1/common';
import type { IncomingRecord, RecordBatch } from '../connection.js';
import type { RawBatch, RawRecord } from '../raw-batch.js';
import type { DeadRecord } from './batch-handler.js';

/** Bytes of an envelope that are still decoded; the broker takes 1 MiB. */
const MAX_ENVELOPE = 1_048_576;

/** Splits a fetched batch into what can be handed over and what is dead; pure. */
export function decodeRecords(raw: RawBatch, topic: string): { readonly batch: RecordBatch; readonly dead: readonly DeadRecord[] } {
  const records: IncomingRecord[] = [];
  const dead: DeadRecord[] = [];
  for (const record of raw.records) {
    const place = { topic, partition: raw.partition, offset: record.offset, key: record.key?.toString('utf8') ?? '' };
    const decoded = decodeEnvelope(record);
    if (decoded === undefined) {
      dead.push({ ...place, reason: 'DECODE_FAILED', detail: 'The record is not an envelope.', type: '', eventId: '', tenantId: '' });
    } else if (decoded !== null && !Object.hasOwn(RECORD_TYPES, decoded.type)) {
      const { type, eventId, tenantId } = decoded;
      dead.push({
        ...place,
        reason: 'UNKNOWN_TYPE',
        detail: 'This build knows no record of this type.',
        type: type.slice(0, 200),
        eventId,
        tenantId,
      });
    } else {
      records.push({ ...place, timestamp: record.timestamp, envelope: decoded });
    }
  }
  return { batch: { topic, partition: raw.partition, records, highWatermark: raw.highWatermark }, dead };
}

/** null is a tombstone, undefined is damage. */
function decodeEnvelope(record: RawRecord): Envelope | null | undefined {
  if (record.value === null) return null;
  if (record.value.length > MAX_ENVELOPE) return undefined;
  try {
    const envelope = Envelope.decode(record.value);
    // Random bytes can pass for an empty message; an envelope always names its type.
    return envelope.type === '' ? undefined : envelope;
  } catch {
    return undefined;
  }
}
