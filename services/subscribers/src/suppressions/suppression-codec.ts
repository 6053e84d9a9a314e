import { Suppression } from '@tocsin/contracts/subscribers/v1/registers_service';
import { keyOf } from '../register/claims.js';
import { bitsOf, type BodyCodec } from '../register/hash-buckets.js';

const LENGTH_BYTES = 2;

/** Suppression messages one after the other, each behind its length. */
export function writeSuppressions(suppressions: readonly Suppression[]): Buffer {
  return Buffer.concat(
    suppressions.flatMap((suppression) => {
      const bytes = Suppression.encode(suppression).finish();
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(bytes.length);
      return [length, bytes];
    }),
  );
}

export function readSuppressions(body: Buffer): Suppression[] {
  const suppressions: Suppression[] = [];
  for (let at = 0; at + LENGTH_BYTES <= body.length;) {
    const start = at + LENGTH_BYTES;
    const end = start + body.readUInt16BE(at);
    suppressions.push(Suppression.decode(body.subarray(start, end)));
    at = end;
  }
  return suppressions;
}

export const suppressionCodec: BodyCodec = {
  count: (body) => readSuppressions(body).length,
  split(body, from, bits) {
    const parts = new Map<string, Suppression[]>();
    for (const suppression of readSuppressions(body)) {
      const suffix = bitsOf(keyOf(suppression.addressHash), from, bits);
      parts.set(suffix, [...(parts.get(suffix) ?? []), suppression]);
    }
    return new Map([...parts].map(([suffix, part]) => [suffix, writeSuppressions(part)]));
  },
};
