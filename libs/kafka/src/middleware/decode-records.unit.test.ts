import { describe, expect, it } from 'vitest';
import { packEnvelope } from '@tocsin/contracts';
import { Envelope } from '@tocsin/contracts/common/v1/common';
import { DeadLetter } from '@tocsin/contracts/common/v1/dead_letter';
import type { RawRecord } from '../raw-batch.js';
import { decodeRecords } from './decode-records.js';

const good = packEnvelope('tocsin.common.v1.DeadLetter', DeadLetter.fromPartial({ key: 'x' }), { tenantId: 'ten_1', occurredAt: 5 });
const bytes = (envelope: Envelope) => Buffer.from(Envelope.encode(envelope).finish());

describe('decodeRecords', () => {
  const rows: readonly (readonly [string, RawRecord['value'], string])[] = [
    ['an envelope', bytes(good), 'record'],
    ['a tombstone', null, 'tombstone'],
    ['no bytes', Buffer.alloc(0), 'DECODE_FAILED'],
    ['text', Buffer.from('{"hello": 1}'), 'DECODE_FAILED'],
    ['random bytes', Buffer.from('ff00ff00ff00aabbccddeeff00112233', 'hex'), 'DECODE_FAILED'],
    ['a cut envelope', bytes(good).subarray(0, 12), 'DECODE_FAILED'],
    ['a huge length', Buffer.from('0affffffff0f', 'hex'), 'DECODE_FAILED'],
    ['deeply nested groups', Buffer.alloc(21_000, 0x0b), 'DECODE_FAILED'],
    ['a type of the future', bytes({ ...good, type: 'tocsin.future.v9.Thing' }), 'UNKNOWN_TYPE'],
    ['the name of an object member', bytes({ ...good, type: 'constructor' }), 'UNKNOWN_TYPE'],
  ];
  it.each(rows)('%s', (_what, value, expected) => {
    const { batch, dead } = decodeRecords(
      { topic: 'p-a', partition: 2, highWatermark: 9, records: [{ offset: 7, key: Buffer.from('k'), value, timestamp: 1 }] },
      'a',
    );
    const [read] = batch.records;
    expect(dead[0]?.reason ?? (read?.envelope === null ? 'tombstone' : 'record')).toBe(expected);
    expect(dead[0] ?? read).toMatchObject({ topic: 'a', partition: 2, offset: 7, key: 'k' });
  });
});
