import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { SealKey } from '@tocsin/contracts/common/v1/common';
import { TocsinError } from '@tocsin/errors';
import { openBox, sealBox } from './box.js';
import { readKeyFile } from './key-file.js';
import { TenantKeys } from './tenant-keys.js';
import { readToken, writeToken } from './unsubscribe-token.js';

/** What an unsubscribe token says once its signature holds. */
export interface UnsubscribeClaim {
  readonly tenantId: string;
  readonly channel: string;
  readonly addressHash: Buffer;
  readonly purpose: string;
}

/** AES-256-GCM under tenant keys wrapped by the platform's key file; keyed hashes and tokens under keys derived from the same file (HKDF). */
export interface Sealer {
  createTenantKey(): SealKey;
  /** 12-byte nonce, ciphertext, 16-byte tag. */
  seal(key: SealKey, plaintext: Uint8Array): Buffer;
  /** Throws TocsinError INTERNAL "SEAL_BROKEN" when the box or the key does not hold. */
  open(key: SealKey, box: Uint8Array): Buffer;
  /** Keyed hash of a normalised address (E.164 or lower-case mailbox), 16 bytes. */
  addressHash(address: string): Buffer;
  /** Keyed hash of a mail domain, 8 bytes. */
  domainHash(domain: string): Buffer;
  /** base64url, at most 160 characters. */
  unsubscribeToken(claim: UnsubscribeClaim): string;
  /** undefined: forged or damaged. */
  readUnsubscribeToken(token: string): UnsubscribeClaim | undefined;
}

const ADDRESS_HASH_BYTES = 16;
const DOMAIN_HASH_BYTES = 8;
/** Bytes of the platform key's fingerprint, shown as hex in each key id. */
const FINGERPRINT_BYTES = 4;

/** Reads the key file (64 hex characters = 32 bytes, mode 0600); throws TocsinError FAILED_PRECONDITION with the remedy. */
export function loadSealer(keyFile: string): Sealer {
  return sealerOf(readKeyFile(keyFile));
}

/** One key a purpose: what one of them leaks says nothing about another. */
export function sealerOf(platformKey: Buffer): Sealer {
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', platformKey, '', `tocsin/${purpose}/v1`, 32));
  const fingerprint = derive('fingerprint').subarray(0, FINGERPRINT_BYTES).toString('hex');
  const tenantKeys = new TenantKeys(createSecretKey(derive('wrap')), fingerprint);
  // Key objects: a raw key would be made into one at each hash, four times the cost (9.2 against 2.2 µs).
  const addressKey = createSecretKey(derive('address-hash'));
  const domainKey = createSecretKey(derive('domain-hash'));
  const tokenKey = createSecretKey(derive('unsubscribe-token'));
  return {
    createTenantKey: () => tenantKeys.create(),
    seal: (key, plaintext) => sealBox(tenantKeys.unwrap(key), plaintext, key.keyId),
    open(key, box) {
      const plaintext = openBox(tenantKeys.unwrap(key), box, key.keyId);
      if (plaintext) return plaintext;
      throw new TocsinError('INTERNAL', 'SEAL_BROKEN', 'A sealed box is damaged or belongs to another key.');
    },
    addressHash: (address) => keyedHash(addressKey, address, ADDRESS_HASH_BYTES),
    domainHash: (domain) => keyedHash(domainKey, domain, DOMAIN_HASH_BYTES),
    unsubscribeToken: (claim) => writeToken(tokenKey, claim),
    readUnsubscribeToken: (token) => readToken(tokenKey, token),
  };
}

function keyedHash(key: KeyObject, text: string, bytes: number): Buffer {
  return createHmac('sha256', key).update(text).digest().subarray(0, bytes);
}
