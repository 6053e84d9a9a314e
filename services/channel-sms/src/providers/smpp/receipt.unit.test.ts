import { describe, expect, it } from 'vitest';
import { normaliseId } from './message-id.js';
import { isReceipt, readReceipt } from './receipt.js';

const text = (value: string): Buffer => Buffer.from(value, 'latin1');

describe('message ids', () => {
  it.each([
    ['hex answered, decimal reported', normaliseId('1F4A2', 'hex'), normaliseId('128162', 'decimal')],
    ['upper and lower case', normaliseId('1f4a2', 'text'), normaliseId('1F4A2', 'text')],
    ['dropped leading zeros', normaliseId('0000001F4A2', 'text'), normaliseId('1F4A2', 'text')],
    ['zeros around decimals', normaliseId('0000128162', 'decimal'), normaliseId('128162', 'decimal')],
    ['spaces around', normaliseId(' 1F4A2 ', 'hex'), normaliseId('1f4a2', 'hex')],
    ['text where a number was promised stays comparable', normaliseId('ab-12', 'hex'), normaliseId('AB-12', 'decimal')],
    ['ids wider than a double', normaliseId('FFFFFFFFFFFFFFFF', 'hex'), normaliseId('18446744073709551615', 'decimal')],
  ])('%s', (_label, one, other) => {
    expect(one).toBe(other);
  });
});

describe('delivery receipts', () => {
  it.each([
    [
      'TLVs decide over the text',
      { receipted_message_id: 'AB', message_state: 2, short_message: text('id:99 stat:UNDELIV') },
      'AB',
      'delivered',
    ],
    [
      'text alone',
      { short_message: text('id:00AB sub:001 dlvrd:001 submit date:2611251930 done date:2611251931 stat:DELIVRD err:000 text:') },
      'AB',
      'delivered',
    ],
    ['undeliverable', { short_message: text('id:AB stat:UNDELIV err:005') }, 'AB', 'failed'],
    ['expired', { short_message: text('id:AB stat:EXPIRED') }, 'AB', 'expired'],
    ['taken by the next network is no delivery', { short_message: text('id:AB stat:ACCEPTD') }, 'AB', 'pending'],
    ['a state nobody knows is pending', { short_message: text('id:AB stat:FOOBAR') }, 'AB', 'pending'],
    ['a TLV without its closing NUL', { receipted_message_id: 'AB\u0004', message_state: 8 }, 'AB', 'failed'],
    ['lower-case keys and no space', { short_message: text('ID:ab STAT:delivrd') }, 'AB', 'delivered'],
  ])('%s', (_label, pdu, providerId, state) => {
    expect(readReceipt(pdu, 'text', 'text', 5)).toMatchObject({ providerId, state, occurredAt: 5 });
  });

  it('keeps the operator code', () => {
    expect(readReceipt({ short_message: text('id:AB stat:UNDELIV err:0A5') }, 'text', 'text', 0)?.code).toBe('0A5');
  });

  it('is nothing without an id', () => {
    expect(readReceipt({ short_message: text('hello') }, 'text', 'text', 0)).toBeUndefined();
    expect(isReceipt({ esm_class: 0 })).toBe(false);
    expect(isReceipt({ esm_class: 4 })).toBe(true);
    expect(isReceipt({ esm_class: 0x44 })).toBe(true);
    expect(isReceipt({ esm_class: 0x20 })).toBe(true);
    expect(isReceipt({ esm_class: 0x10 })).toBe(false);
  });
});
