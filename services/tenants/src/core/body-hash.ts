import { createHash } from 'node:crypto';

/**
 * Hash of a request's body without its idempotency key: tells a repetition from another body under the same key. What is not set has no part in it: a
 * field that a later release adds must not make yesterday's request another one.
 */
export function bodyHash(body: Readonly<Record<string, unknown>>): string {
  const sorted = Object.keys(body)
    .filter((name) => body[name] !== undefined)
    .toSorted()
    .map((name) => [name, body[name]]);
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url');
}
