import { createHmac, createSecretKey, hkdfSync } from 'node:crypto';
import { readKeyFile } from './key-file.js';

/** Keyed MAC (HMAC-SHA256, 32 bytes) over a text that says what is vouched for, and octets: whoever has the database alone can make none. */
export type AuditMac = (about: string, octets: Uint8Array) => Buffer;

/** Reads the platform key as loadSealer does. */
export function loadAuditMac(keyFile: string): AuditMac {
  return auditMacOf(readKeyFile(keyFile));
}

/** Under a key of its own, derived from the platform's. */
export function auditMacOf(platformKey: Buffer): AuditMac {
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', platformKey, '', 'tocsin/audit/v1', 32)));
  return (about, octets) => {
    const text = Buffer.from(about, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    // The length keeps text and octets apart, whatever either holds.
    return createHmac('sha256', key).update(length).update(text).update(octets).digest();
  };
}
