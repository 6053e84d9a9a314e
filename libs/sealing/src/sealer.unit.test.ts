import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { TocsinError } from '@tocsin/errors';
import { loadSealer, sealerOf } from './sealer.js';
import { MAX_UNWRAPPED_KEYS, TenantKeys } from './tenant-keys.js';
import { createSecretKey } from 'node:crypto';

const platformKey = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7 + 1).map((byte) => byte & 255));
const sealer = sealerOf(platformKey);
const other = sealerOf(Buffer.from(platformKey.map((byte) => byte ^ 1)));

function errorOf(run: () => unknown): TocsinError {
  try {
    run();
  } catch (error) {
    if (error instanceof TocsinError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('sealing', () => {
  const key = sealer.createTenantKey();
  const anyBytes = fc.uint8Array({ maxLength: 2_000 });

  it('opens what it sealed, whatever the bytes', () => {
    fc.assert(fc.property(anyBytes, (bytes) => sealer.open(key, sealer.seal(key, bytes)).equals(bytes)));
  });

  it('never seals the same bytes twice to the same box', () => {
    fc.assert(fc.property(anyBytes, (bytes) => !sealer.seal(key, bytes).equals(sealer.seal(key, bytes))));
  });

  it('refuses a box with any one bit changed', () => {
    fc.assert(
      fc.property(anyBytes, fc.nat(), fc.integer({ min: 0, max: 7 }), (bytes, place, bit) => {
        const box = sealer.seal(key, bytes);
        const at = place % box.length;
        box[at] = (box[at] ?? 0) ^ (1 << bit);
        return errorOf(() => sealer.open(key, box)).reason === 'SEAL_BROKEN';
      }),
    );
  });

  it('refuses a box cut at any place', () => {
    const box = sealer.seal(key, Buffer.from('0612345678'));
    for (let length = 0; length < box.length; length += 1) {
      expect(errorOf(() => sealer.open(key, box.subarray(0, length))).code).toBe('INTERNAL');
    }
  });

  it('refuses a box of another tenant, and a tenant key of another platform by naming the cause', () => {
    const box = sealer.seal(key, Buffer.from('x'));
    expect(errorOf(() => sealer.open(sealer.createTenantKey(), box)).reason).toBe('SEAL_BROKEN');
    expect(errorOf(() => other.open(key, box)).message).toMatch(/another platform key/);
  });

  it('refuses a damaged tenant key even when its id is already unwrapped', () => {
    const box = sealer.seal(key, Buffer.from('x'));
    const wrapped = Buffer.from(key.wrapped);
    wrapped[20] = (wrapped[20] ?? 0) ^ 1;
    expect(errorOf(() => sealer.open({ keyId: key.keyId, wrapped }, box)).message).toMatch(/damaged/);
  });

  it('keeps at most a bounded number of unwrapped keys', () => {
    const keys = new TenantKeys(createSecretKey(platformKey), 'aabbccdd');
    for (let count = 0; count < MAX_UNWRAPPED_KEYS + 50; count += 1) keys.unwrap(keys.create());
    expect(keys.size).toBe(MAX_UNWRAPPED_KEYS);
  });
});

describe('keyed hashes', () => {
  it('are stable for one platform key and differ between addresses, purposes and platform keys', () => {
    expect(sealer.addressHash('+33612345678')).toEqual(sealerOf(platformKey).addressHash('+33612345678'));
    expect(sealer.addressHash('+33612345678')).toHaveLength(16);
    expect(sealer.domainHash('example.fr')).toHaveLength(8);
    expect(sealer.addressHash('+33612345678')).not.toEqual(sealer.addressHash('+33612345679'));
    expect(sealer.addressHash('example.fr').subarray(0, 8)).not.toEqual(sealer.domainHash('example.fr'));
    expect(sealer.addressHash('+33612345678')).not.toEqual(other.addressHash('+33612345678'));
  });
});

describe('unsubscribe tokens', () => {
  const claims = fc.record({
    tenantId: fc.constant('ten_01ARZ3NDEKTSV4RRFFQ69G5FAV'),
    channel: fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/),
    purpose: fc.stringMatching(/^[a-z-]{1,20}$/),
    addressHash: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes)),
  });

  it('say again what was claimed, in at most 160 characters', () => {
    fc.assert(
      fc.property(claims, (claim) => {
        const token = sealer.unsubscribeToken(claim);
        expect(token.length).toBeLessThanOrEqual(160);
        expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(sealer.readUnsubscribeToken(token)).toEqual(claim);
      }),
    );
  });

  it('are refused with any character changed, cut, lengthened or from another platform', () => {
    fc.assert(
      fc.property(claims, fc.nat(), fc.constantFrom('A', 'B', 'a', 'b', '0', '9', '-', '_'), (claim, place, character) => {
        const token = sealer.unsubscribeToken(claim);
        const at = place % token.length;
        const forged = token.slice(0, at) + character + token.slice(at + 1);
        expect(sealer.readUnsubscribeToken(forged) === undefined).toBe(forged !== token);
        expect(sealer.readUnsubscribeToken(token.slice(0, at))).toBeUndefined();
        expect(sealer.readUnsubscribeToken(`${token}A`)).toBeUndefined();
        expect(other.readUnsubscribeToken(token)).toBeUndefined();
      }),
    );
  });

  it('survive any text without throwing', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => sealer.readUnsubscribeToken(text) === undefined));
  });
});

describe('key file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-key-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const good = platformKey.toString('hex');
  const rows: readonly [label: string, content: string | undefined, mode: number, reason: string][] = [
    ['a missing file names how to make one', undefined, 0o600, 'KEY_FILE_UNREADABLE'],
    ['a file others can read is refused', good, 0o644, 'KEY_FILE_OPEN'],
    ['a short key is refused', good.slice(2), 0o600, 'KEY_FILE_MALFORMED'],
    ['a long key is refused', `${good}00`, 0o600, 'KEY_FILE_MALFORMED'],
    ['something else than hexadecimal is refused', `${good.slice(2)}zz`, 0o600, 'KEY_FILE_MALFORMED'],
    ['an empty file is refused', '', 0o600, 'KEY_FILE_MALFORMED'],
    ['a key of zeros is refused', '0'.repeat(64), 0o600, 'KEY_FILE_WEAK'],
  ];
  it.each(rows)('%s', (label, content, mode, reason) => {
    const path = join(directory, label.replaceAll(' ', '-'));
    if (content !== undefined) {
      writeFileSync(path, content);
      chmodSync(path, mode);
    }
    const error = errorOf(() => loadSealer(path));
    expect(error.code).toBe('FAILED_PRECONDITION');
    expect(error.reason).toBe(reason);
    expect(error.message).not.toContain(good.slice(2, 60));
  });

  it('a good file with a line end is read', () => {
    const path = join(directory, 'good');
    writeFileSync(path, `${good}\n`, { mode: 0o600 });
    expect(loadSealer(path).addressHash('a')).toEqual(sealer.addressHash('a'));
  });
});
