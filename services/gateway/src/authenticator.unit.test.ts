import { describe, expect, it } from 'vitest';
import { PrincipalKind, Role } from '@tocsin/contracts/tenants/v1/tenant';
import { AuthenticateResponse } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError } from '@tocsin/errors';
import { Authenticator } from './authenticator.js';
import type { CallContext } from './call-context.js';
import { CallSlots } from './call-slots.js';
import { KeyCache } from './key-cache.js';

const metadata = (authorization?: string): CallContext['metadata'] =>
  new Map([['authorization', authorization]]) as unknown as CallContext['metadata'];

function setUp(): { authenticator: Authenticator; cache: KeyCache; asked: string[]; clock: { now: number }; revoked: Set<string> } {
  const asked: string[] = [];
  const clock = { now: 1_000 };
  const revoked = new Set<string>();
  const cache = new KeyCache();
  const authenticator = new Authenticator({
    cache,
    slots: new CallSlots(2),
    knownSlots: new CallSlots(2),
    now: () => clock.now,
    ask(secret) {
      asked.push(secret);
      if (revoked.has(secret)) return Promise.reject(new TocsinError('UNAUTHENTICATED', 'KEY_REVOKED', 'This key is revoked.'));
      const principal = { principalId: 'prn_1', tenantId: 'ten_A', kind: PrincipalKind.AGENT };
      return Promise.resolve(AuthenticateResponse.fromPartial({ principal, roles: [Role.AUTHOR], keyId: 'key_1' }));
    },
  });
  return { authenticator, cache, asked, clock, revoked };
}

describe('keys', () => {
  it('an answer is believed for 3 s, so a revoked key is refused before 5 s', async () => {
    const { authenticator, asked, clock, revoked } = setUp();
    expect(await authenticator.caller(metadata('Bearer tok_a_b'))).toMatchObject({
      tenantId: 'ten_A',
      keyId: 'key_1',
      roles: [Role.AUTHOR],
    });
    revoked.add('tok_a_b');
    clock.now += 2_999;
    await authenticator.caller(metadata('Bearer tok_a_b'));
    expect(asked).toHaveLength(1);
    clock.now += 2;
    await expect(authenticator.caller(metadata('Bearer tok_a_b'))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('calls that come together ask once', async () => {
    const { authenticator, asked } = setUp();
    await Promise.all(Array.from({ length: 20 }, () => authenticator.caller(metadata('Bearer tok_a_b'))));
    expect(asked).toHaveLength(1);
  });

  it('a suspended tenant is forgotten at once', async () => {
    const { authenticator, cache, asked } = setUp();
    await authenticator.caller(metadata('Bearer tok_a_b'));
    cache.forget((caller) => caller.tenantId === 'ten_A');
    await authenticator.caller(metadata('Bearer tok_a_b'));
    expect(asked).toHaveLength(2);
  });

  it('a flood of keys nobody knows is shed, not passed on', async () => {
    const { authenticator, asked } = setUp();
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_none, at) => authenticator.caller(metadata(`Bearer tok_x_${at}`))),
    );
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [(result.reason as TocsinError).reason] : []));
    expect(refused).toEqual(Array.from({ length: 8 }, () => 'GATEWAY_BUSY'));
    expect(asked).toHaveLength(2);
  });

  it('a key that was good a moment ago is asked about beside a flood of wrong ones, and once refused is one of them', async () => {
    const { authenticator, cache, clock, revoked } = setUp();
    await authenticator.caller(metadata('Bearer tok_a_b'));
    clock.now += 3_001;
    const flood = Array.from({ length: 10 }, (_none, at) => authenticator.caller(metadata(`Bearer tok_x_${at}`)));
    await expect(authenticator.caller(metadata('Bearer tok_a_b'))).resolves.toBeDefined();
    await Promise.allSettled(flood);
    revoked.add('tok_a_b');
    clock.now += 3_001;
    await expect(authenticator.caller(metadata('Bearer tok_a_b'))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(cache.knew('tok_a_b')).toBe(false);
  });

  it('a key is known from memory only while its answer is believed', async () => {
    const { authenticator, asked, clock } = setUp();
    expect(authenticator.known(metadata('Bearer tok_a_b'))).toBeUndefined();
    await authenticator.caller(metadata('Bearer tok_a_b'));
    expect(authenticator.known(metadata('Bearer tok_a_b'))).toMatchObject({ tenantId: 'ten_A' });
    for (const header of [undefined, 'hello', 'Bearer tok_other']) expect(authenticator.known(metadata(header))).toBeUndefined();
    clock.now += 3_001;
    expect(authenticator.known(metadata('Bearer tok_a_b'))).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  it('remembers a bounded number of keys', () => {
    const cache = new KeyCache();
    for (let at = 0; at < 10_050; at += 1) cache.put(`tok_${at}`, { principalId: '', tenantId: '', kind: 1, roles: [], keyId: '' }, 0);
    expect(cache.size()).toBe(10_000);
  });

  it.each([
    ['no key', undefined, 'KEY_MISSING'],
    ['a word before it that is not Bearer', 'Basic tok_a_b', 'KEY_MALFORMED'],
    ['not the form of a key', 'Bearer hello', 'KEY_MALFORMED'],
    ['a key too long', `Bearer tok_${'a'.repeat(300)}`, 'KEY_MALFORMED'],
  ])('%s is refused without asking', async (_label, header, reason) => {
    const { authenticator, asked } = setUp();
    await expect(authenticator.caller(metadata(header))).rejects.toMatchObject({ code: 'UNAUTHENTICATED', reason });
    expect(asked).toHaveLength(0);
  });
});
