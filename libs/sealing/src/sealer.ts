import type { SealKey } from '@tocsin/contracts/common/v1/common';

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

/** Reads the key file (64 hex characters = 32 bytes, mode 0600); throws TocsinError FAILED_PRECONDITION with the remedy. */
export function loadSealer(keyFile: string): Sealer {
  throw new Error(`not built yet: ${keyFile}`);
}
