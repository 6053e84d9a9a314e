import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SealedRecipient } from '@tocsin/contracts/common/v1/common';
import { readRecipient } from './read-recipient.js';

const decoded = (octets: Buffer): SealedRecipient => SealedRecipient.decode(octets);
const outcome = (read: (octets: Buffer) => SealedRecipient, octets: Buffer): unknown => {
  try {
    return read(octets);
  } catch {
    return 'refused';
  }
};

describe('a recipient out of its seal', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 150 });
  it('is read as the codec reads it', () => {
    fc.assert(
      fc.property(text, fc.dictionary(text, text, { maxKeys: 4 }), (address, variables) => {
        const octets = Buffer.from(SealedRecipient.encode({ address, variables }).finish());
        expect(readRecipient(octets)).toEqual(decoded(octets));
      }),
    );
  });

  it('is read as the codec reads it, or refused as it refuses, where a byte is damaged or the end is missing', () => {
    const whole = Buffer.from(SealedRecipient.encode({ address: '+33639980001', variables: { name: 'Zoé', street: '' } }).finish());
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(whole.length - 1), fc.nat(255), (length, place, value) => {
        const octets = Buffer.from(whole);
        octets[place] = value;
        expect(outcome(readRecipient, octets.subarray(0, length))).toEqual(outcome(decoded, octets.subarray(0, length)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('may come with fields in another order and with fields of a later release', () => {
    const variables = SealedRecipient.encode({ address: '', variables: { a: 'b' } }).finish();
    const octets = Buffer.concat([variables, Buffer.from([0x18, 0x05]), SealedRecipient.encode({ address: 'x', variables: {} }).finish()]);
    expect(readRecipient(octets)).toEqual({ address: 'x', variables: { a: 'b' } });
  });
});
