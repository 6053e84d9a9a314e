import { createHash, timingSafeEqual } from 'node:crypto';

/** Bytes of a secret: out of reach of guessing, so a plain hash at rest is enough. */
export const SECRET_BYTES = 32;

const SHAPE = /^tok_(key_[0-9A-HJKMNP-TV-Z]{26})_([A-Za-z0-9_-]{43})$/;

/** "tok_<key id>_<43 characters>", what a caller presents. */
export function writeToken(keyId: string, secret: Buffer): string {
  return `tok_${keyId}_${secret.toString('base64url')}`;
}

/** undefined: not of the shape of a key. */
export function parseToken(token: string): { readonly keyId: string; readonly secret: Buffer } | undefined {
  const match = SHAPE.exec(token);
  const [, keyId, text] = match ?? [];
  if (keyId === undefined || text === undefined) return undefined;
  const secret = Buffer.from(text, 'base64url');
  // One spelling a secret: the unused bits of the last character must be zero.
  return secret.toString('base64url') === text ? { keyId, secret } : undefined;
}

/** What is kept of a secret. */
export function hashSecret(secret: Buffer): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Compares in constant time. */
export function secretMatches(secret: Buffer, kept: Uint8Array): boolean {
  const hash = hashSecret(secret);
  return kept.length === hash.length && timingSafeEqual(hash, kept);
}
