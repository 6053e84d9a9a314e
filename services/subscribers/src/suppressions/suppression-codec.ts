import { Suppression } from '@tocsin/contracts/subscribers/v1/registers_service';
import type { EntryCodec } from '../register/hash-buckets.js';

/** A decision at rest: whom it is about, on which channel, for which purposes, when. */
export interface StoredSuppression {
  readonly hash: Buffer;
  readonly suppression: Suppression;
}

const LENGTH_BYTES = 2;

/** Suppression messages one after the other, each behind its length. */
export const suppressionCodec: EntryCodec<StoredSuppression> = {
  encode(entries) {
    return Buffer.concat(
      entries.flatMap(({ suppression }) => {
        const bytes = Suppression.encode(suppression).finish();
        const length = Buffer.alloc(LENGTH_BYTES);
        length.writeUInt16BE(bytes.length);
        return [length, bytes];
      }),
    );
  },
  decode(body) {
    const entries: StoredSuppression[] = [];
    for (let at = 0; at + LENGTH_BYTES <= body.length;) {
      const start = at + LENGTH_BYTES;
      const end = start + body.readUInt16BE(at);
      const suppression = Suppression.decode(body.subarray(start, end));
      entries.push({ hash: suppression.addressHash, suppression });
      at = end;
    }
    return entries;
  },
};
