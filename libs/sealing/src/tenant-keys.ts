import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import type { SealKey } from '@tocsin/contracts/common/v1/common';
import { TocsinError } from '@tocsin/errors';
import { openBox, sealBox } from './box.js';

const TENANT_KEY_BYTES = 32;
/** Unwrapped tenant keys kept in memory, some 500 bytes each: more than any instance serves in turn. With fewer than that, each message would unwrap its own again. */
export const MAX_UNWRAPPED_KEYS = 8_192;

interface Unwrapped {
  readonly wrapped: Buffer;
  readonly key: KeyObject;
}

/** Makes and unwraps tenant data keys; `fingerprint` names the platform key they are wrapped under. */
export class TenantKeys {
  private readonly unwrapped = new Map<string, Unwrapped>();
  /** The key asked for last, which need not be made the youngest again. */
  private latest: Unwrapped | undefined;

  constructor(
    private readonly wrappingKey: KeyObject,
    private readonly fingerprint: string,
  ) {}

  create(): SealKey {
    const keyId = `${this.fingerprint}.${randomBytes(8).toString('hex')}`;
    return { keyId, wrapped: sealBox(this.wrappingKey, randomBytes(TENANT_KEY_BYTES), keyId) };
  }

  /** Throws TocsinError INTERNAL "SEAL_BROKEN". */
  unwrap(sealKey: SealKey): KeyObject {
    const known = this.unwrapped.get(sealKey.keyId);
    // The wrapped bytes are compared too: a damaged key must not pass because its id is known.
    if (known?.wrapped.equals(sealKey.wrapped)) {
      if (known !== this.latest) this.remember(sealKey.keyId, known);
      return known.key;
    }
    const bytes = openBox(this.wrappingKey, sealKey.wrapped, sealKey.keyId);
    if (bytes?.length !== TENANT_KEY_BYTES) throw this.broken(sealKey.keyId);
    const key = createSecretKey(bytes);
    bytes.fill(0);
    this.remember(sealKey.keyId, { wrapped: Buffer.from(sealKey.wrapped), key });
    return key;
  }

  /** Keys held in memory now. */
  get size(): number {
    return this.unwrapped.size;
  }

  private remember(keyId: string, entry: Unwrapped): void {
    this.unwrapped.delete(keyId);
    this.unwrapped.set(keyId, entry);
    this.latest = entry;
    if (this.unwrapped.size <= MAX_UNWRAPPED_KEYS) return;
    const oldest = this.unwrapped.keys().next();
    if (!oldest.done) this.unwrapped.delete(oldest.value);
  }

  private broken(keyId: string): TocsinError {
    const other = !keyId.startsWith(`${this.fingerprint}.`);
    const why = other
      ? `was wrapped under another platform key than the one of this key file (fingerprint ${this.fingerprint})`
      : 'is damaged';
    return new TocsinError('INTERNAL', 'SEAL_BROKEN', `The tenant key ${JSON.stringify(keyId.slice(0, 40))} ${why}.`);
  }
}
