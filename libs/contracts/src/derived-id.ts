import { createHash } from 'node:crypto';
import type { IdPrefix } from './ids.js';

/** Crockford's base 32, as ULIDs are written. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const DIGITS = 26;

/**
 * The id of what an idempotency key makes in a scope (a tenant), in the shape of a ULID whose first digit stays below 8 as in one: the same call
 * always names the same document, so that the document itself is the claim and 64 calls at once make one.
 */
export function derivedId(prefix: IdPrefix, scope: string, idempotencyKey: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([prefix, scope, idempotencyKey]))
    .digest();
  let id = '';
  for (let digit = 0; digit < DIGITS; digit += 1) id += ALPHABET[(hash[digit] ?? 0) & (digit === 0 ? 7 : 31)];
  return `${prefix}_${id}`;
}
