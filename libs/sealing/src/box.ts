import { createCipheriv, createDecipheriv, randomFillSync, type KeyObject } from 'node:crypto';

/** Bytes of an AES-GCM nonce; random ones are safe for 2^32 boxes a key. */
export const NONCE_BYTES = 12;
/** Bytes of an AES-GCM tag. */
export const TAG_BYTES = 16;

/** Nonces drawn at once: the system's generator costs as much a call as half a seal. */
const NONCES_DRAWN = 1_024;
const drawn = Buffer.alloc(NONCES_DRAWN * NONCE_BYTES);
let used = NONCES_DRAWN;

/** A random nonce no other call gets. */
function nextNonce(): Buffer {
  if (used === NONCES_DRAWN) {
    randomFillSync(drawn);
    used = 0;
  }
  const at = used * NONCE_BYTES;
  used += 1;
  return Buffer.from(drawn.subarray(at, at + NONCE_BYTES));
}

/** AES-256-GCM: nonce, ciphertext, tag; `context` is authenticated beside it and not stored. */
export function sealBox(key: KeyObject, plaintext: Uint8Array, context: string): Buffer {
  const nonce = nextNonce();
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(octetsOf(context));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** undefined: damaged, cut, sealed under another key or for another context. */
export function openBox(key: KeyObject, box: Uint8Array, context: string): Buffer | undefined {
  if (box.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(octetsOf(context));
  decipher.setAuthTag(box.subarray(box.length - TAG_BYTES));
  try {
    const plaintext = decipher.update(box.subarray(NONCE_BYTES, box.length - TAG_BYTES));
    // Of a stream cipher nothing is left to come: this only checks the tag.
    decipher.final();
    return plaintext;
  } catch {
    return undefined;
  }
}

/** The last context: boxes of one tenant come in rows. Its octets are only read. */
let latest = { context: '', octets: Buffer.alloc(0) };

function octetsOf(context: string): Buffer {
  if (context !== latest.context) latest = { context, octets: Buffer.from(context) };
  return latest.octets;
}
