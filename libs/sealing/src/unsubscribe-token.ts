import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { TocsinError } from '@tocsin/errors';
import type { UnsubscribeClaim } from './sealer.js';

const VERSION = 1;
/** Bytes of the signature kept: 128 bits leave no room for guessing, and the token stays short enough for a mail header. */
const MAC_BYTES = 16;
const HASH_BYTES = 16;
/** Characters of a token at most, so that a List-Unsubscribe header line with its URL stays below 998 octets. */
export const MAX_TOKEN_CHARACTERS = 160;

/** version, address hash, three texts each behind its length in one byte, signature; base64url. */
export function writeToken(key: KeyObject, claim: UnsubscribeClaim): string {
  if (claim.addressHash.length !== HASH_BYTES) throw refused(`an address hash has ${HASH_BYTES} bytes`);
  const texts = [claim.tenantId, claim.channel, claim.purpose].map((text) => Buffer.from(text));
  if (texts.some((text) => text.length > 255)) throw refused('a part is longer than 255 bytes');
  const body = Buffer.concat([Buffer.from([VERSION]), claim.addressHash, ...texts.flatMap((text) => [Buffer.from([text.length]), text])]);
  const token = Buffer.concat([body, sign(key, body)]).toString('base64url');
  if (token.length > MAX_TOKEN_CHARACTERS) throw refused(`it would be longer than ${MAX_TOKEN_CHARACTERS} characters`);
  return token;
}

/** undefined: forged, damaged or of another version. */
export function readToken(key: KeyObject, token: string): UnsubscribeClaim | undefined {
  if (token.length > MAX_TOKEN_CHARACTERS || !/^[A-Za-z0-9_-]+$/.test(token)) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  // One spelling a token: the unused bits of the last character must be zero.
  if (bytes.toString('base64url') !== token || bytes.length < 1 + HASH_BYTES + 3 + MAC_BYTES) return undefined;
  const body = bytes.subarray(0, bytes.length - MAC_BYTES);
  if (!timingSafeEqual(sign(key, body), bytes.subarray(bytes.length - MAC_BYTES)) || body[0] !== VERSION) return undefined;
  const texts: string[] = [];
  let at = 1 + HASH_BYTES;
  while (at < body.length) {
    const length = body[at] ?? 0;
    texts.push(body.toString('utf8', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const [tenantId, channel, purpose] = texts;
  if (texts.length !== 3 || tenantId === undefined || channel === undefined || purpose === undefined) return undefined;
  return { tenantId, channel, purpose, addressHash: Buffer.from(body.subarray(1, 1 + HASH_BYTES)) };
}

function sign(key: KeyObject, body: Uint8Array): Buffer {
  return createHmac('sha256', key).update(body).digest().subarray(0, MAC_BYTES);
}

function refused(why: string): TocsinError {
  return new TocsinError('INVALID_ARGUMENT', 'UNSUBSCRIBE_CLAIM_INVALID', `The unsubscribe token cannot be made: ${why}.`);
}
