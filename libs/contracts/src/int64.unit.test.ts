import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { readInt64, writeInt64 } from './int64.js';

const VALUES = [0, 1, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 1_795_656_000_123, Number.MAX_SAFE_INTEGER, -1, -(2 ** 40)];

describe('an int64 as a number', () => {
  it.each(VALUES)('%d is written as the library writes it', (value) => {
    expect(writeInt64(new BinaryWriter(), value).finish()).toEqual(new BinaryWriter().int64(value).finish());
  });

  it.each([...VALUES, Number.MIN_SAFE_INTEGER])('%d is read back, and what follows it', (value) => {
    const reader = new BinaryReader(new BinaryWriter().int64(value).uint32(77).finish());
    expect([readInt64(reader), reader.uint32()]).toEqual([value, 77]);
  });

  it('refuses what a number does not hold, damaged bytes and what is not whole', () => {
    expect(() => readInt64(new BinaryReader(new BinaryWriter().int64(2n ** 53n).finish()))).toThrow(RangeError);
    expect(() => readInt64(new BinaryReader(new BinaryWriter().int64(-(2n ** 60n)).finish()))).toThrow(RangeError);
    expect(() => readInt64(new BinaryReader(Buffer.from('ffffffffffffffffffffff', 'hex')))).toThrow('invalid varint');
    expect(() => readInt64(new BinaryReader(Buffer.from('ff', 'hex')))).toThrow('premature EOF');
    expect(() => writeInt64(new BinaryWriter(), 1.5)).toThrow(RangeError);
  });
});
