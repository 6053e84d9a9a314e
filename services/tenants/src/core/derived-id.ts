import { createHash } from 'node:crypto';
import type { IdPrefix } from '@tocsin/contracts';

/** Crockford's base 32, as ULIDs are written. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const DIGITS = 26;

/**
 * The id of what an idempotency key makes in a scope: the same call always names the same document, so the document itself is the claim.
 * It has the shape of a ULID; its first digit stays below 8 as in one.
 */
export function derivedId(prefix: IdPrefix, scope: string, idempotencyKey: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([prefix, scope, idempotencyKey]))
    .digest();
  let id = '';
  for (let digit = 0; digit < DIGITS; digit += 1) id += ALPHABET[(hash[digit] ?? 0) & (digit === 0 ? 7 : 31)];
  return `${prefix}_${id}`;
}

/** Hash of a request's body without its idempotency key: tells a repetition from another body under the same key. */
export function bodyHash(body: Readonly<Record<string, unknown>>): string {
  const sorted = Object.keys(body)
    .toSorted()
    .map((name) => [name, body[name]]);
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url');
}
