import { derivedId } from '@tocsin/contracts';
import { describe, expect, it } from 'vitest';
import { PrincipalKind, Role, TenantKind } from '@tocsin/contracts/tenants/v1/tenant';
import { TocsinError, Violations } from '@tocsin/errors';
import { parseToken, hashSecret, secretMatches, writeToken } from './api-key.js';
import { bodyHash } from './body-hash.js';
import { checkPrincipal, narrowedRoles, type NewPrincipal } from './principal-rules.js';
import { checkTenantFields, checkTenantIdentity, isInseeCode, isMailbox, type TenantFields } from './tenant-rules.js';

function fieldsRefused(check: (violations: Violations) => void): string[] {
  const violations = new Violations();
  check(violations);
  try {
    violations.raise();
    return [];
  } catch (error) {
    if (error instanceof TocsinError) return error.fieldViolations.map((violation) => violation.field);
    throw error;
  }
}

const quota = (channel: string) => ({ channel, unitsPerDay: 10_000, unitsPerMinute: 0 });

describe('tenant fields', () => {
  const rows: readonly [label: string, fields: TenantFields, refused: string[]][] = [
    ['the smallest weight is taken', { weight: 1 }, []],
    ['the greatest weight is taken', { weight: 100 }, []],
    ['a weight of 0 would starve the tenant', { weight: 0 }, ['weight']],
    ['a weight above 100 is refused', { weight: 101 }, ['weight']],
    ['a threshold of 0 means always', { approvalThreshold: 0 }, []],
    ['a threshold of nonsense is refused', { approvalThreshold: 4_294_967_295 }, ['approval_threshold']],
    ['a sender of 11 letters and digits is taken', { smsSender: 'MairieNant1' }, []],
    ['a sender of 12 is refused', { smsSender: 'MairieNantes' }, ['sms_sender']],
    ['a sender with an accent is refused', { smsSender: 'Orléans' }, ['sms_sender']],
    ['a sender with a blank is refused', { smsSender: 'Ville X' }, ['sms_sender']],
    ['a sender of digits only is a number, not a name', { smsSender: '38123' }, ['sms_sender']],
    ['a generic sender is refused whatever its case', { smsSender: 'Alert' }, ['sms_sender']],
    ['a generic French sender is refused', { smsSender: 'ALERTE' }, ['sms_sender']],
    ['no sender and no mailbox are allowed', { smsSender: '', mailFrom: '' }, []],
    ['a mailbox is taken', { mailFrom: 'alerte.mairie@ville-nord.example' }, []],
    ['a mailbox with a name is refused', { mailFrom: 'Mairie <mairie@ville.example>' }, ['mail_from']],
    ['a mailbox that adds a header is refused', { mailFrom: 'a@ville.example\r\nBcc: x@y.example' }, ['mail_from']],
    ['recipients kept for a month are taken', { recipientDays: 31 }, []],
    ['recipients kept as long as the platform keeps them are taken', { recipientDays: 0 }, []],
    ['recipients kept shorter than dead letters are refused', { recipientDays: 30 }, ['recipient_days']],
    ['limits that name each channel once are taken', { limits: { lifeSafetyUnits: 0, quotas: [quota('sms'), quota('email')] } }, []],
    ['two quotas on one channel are refused', { limits: { lifeSafetyUnits: 0, quotas: [quota('sms'), quota('sms')] } }, ['limits.quotas']],
    ['a quota on no channel is refused', { limits: { lifeSafetyUnits: 0, quotas: [quota('')] } }, ['limits.quotas']],
    ['every wrong field is named at once', { weight: 0, smsSender: 'INFO', mailFrom: '@' }, ['weight', 'sms_sender', 'mail_from']],
  ];
  it.each(rows)('%s', (_label, fields, refused) => {
    expect(fieldsRefused((violations) => checkTenantFields(violations, fields))).toEqual(refused);
  });

  it.each([
    ['44109', true],
    ['01001', true],
    ['2A004', true],
    ['2B033', true],
    ['97411', true],
    ['98818', true],
    ['00001', false],
    ['20001', false],
    ['96001', false],
    ['2a004', false],
    ['4410', false],
    ['441099', false],
    ['4410é', false],
  ])('INSEE code %s: %s', (code, taken) => expect(isInseeCode(code)).toBe(taken));

  it.each([
    ['mairie@ville.example', true],
    ['a+b@c.example', true],
    ['a@b', false],
    ['.a@b.example', false],
    ['a..b@c.example', false],
    [`${'a'.repeat(65)}@c.example`, false],
    ['mairie@-ville.example', false],
    ['mairie@ville.example.', false],
  ])('mailbox %s: %s', (text, taken) => expect(isMailbox(text)).toBe(taken));

  it('a commune needs its code, others do not, and a name is one readable line', () => {
    const refused = (name: string, kind: TenantKind, insee: string) => fieldsRefused((v) => checkTenantIdentity(v, name, kind, insee));
    expect(refused('Nantes', TenantKind.COMMUNE, '44109')).toEqual([]);
    expect(refused('Nantes', TenantKind.COMMUNE, '')).toEqual(['insee_code']);
    expect(refused('SDIS 44', TenantKind.FIRE_AND_RESCUE, '')).toEqual([]);
    expect(refused('Nan\ntes', TenantKind.NATIONAL, '')).toEqual(['name']);
    expect(refused('\ud800', TenantKind.NATIONAL, '')).toEqual(['name']);
    expect(refused('   ', TenantKind.UNSPECIFIED, '')).toEqual(['name', 'kind']);
    expect(refused('X', 99 as TenantKind, '')).toEqual(['kind']);
  });
});

describe('principals', () => {
  const agent: NewPrincipal = { tenantId: 'ten_1', kind: PrincipalKind.AGENT, displayName: 'Camille', roles: [Role.AUTHOR, Role.APPROVER] };
  const rows: readonly [label: string, principal: NewPrincipal, refused: number][] = [
    ['a person may write and approve', agent, 0],
    ['a machine may write', { ...agent, kind: PrincipalKind.MACHINE, roles: [Role.AUTHOR] }, 0],
    ['a machine may not approve', { ...agent, kind: PrincipalKind.MACHINE }, 1],
    ["a tenant's principal may not administer the platform", { ...agent, roles: [Role.PLATFORM_ADMIN] }, 1],
    ["the platform's principal may", { ...agent, tenantId: '', roles: [Role.PLATFORM_ADMIN] }, 0],
    ["the platform's principal does not write campaigns", { ...agent, tenantId: '', roles: [Role.AUTHOR] }, 1],
    ['no role at all is refused', { ...agent, roles: [] }, 1],
    ['an unknown role is refused', { ...agent, roles: [42 as Role] }, 1],
    ['a role twice is refused', { ...agent, roles: [Role.READER, Role.READER] }, 1],
    ['neither person nor machine is refused', { ...agent, kind: PrincipalKind.UNSPECIFIED }, 1],
  ];
  it.each(rows)('%s', (_label, principal, refused) => {
    expect(fieldsRefused((violations) => checkPrincipal(violations, principal))).toHaveLength(refused);
  });

  it('a key without scopes gives every role, with scopes only those the principal has', () => {
    expect(narrowedRoles([Role.AUTHOR, Role.READER], [])).toEqual([Role.AUTHOR, Role.READER]);
    expect(narrowedRoles([Role.AUTHOR, Role.READER], [Role.READER, Role.APPROVER])).toEqual([Role.READER]);
  });
});

describe('keys and ids', () => {
  const keyId = derivedId('key', 'ten_1', 'k');

  it('a token is read back, whatever its secret', () => {
    for (const fill of [0, 1, 0xff, 0x3f]) {
      const secret = Buffer.alloc(32, fill);
      const token = writeToken(keyId, secret);
      expect(token).toMatch(/^tok_key_[0-9A-Z]{26}_.{43}$/);
      expect(parseToken(token)).toEqual({ keyId, secret });
      expect(secretMatches(secret, hashSecret(secret))).toBe(true);
      expect(secretMatches(Buffer.alloc(32, fill + 1), hashSecret(secret))).toBe(false);
    }
  });

  it.each([
    '',
    'tok_',
    'tok_key_1_x',
    `tok_${keyId}_${'a'.repeat(42)}`,
    `tok_${keyId}_${'A'.repeat(42)}B`,
    `Bearer tok_${keyId}_${'A'.repeat(43)}`,
  ])('is no token: %s', (text) => expect(parseToken(text)).toBeUndefined());

  it('an idempotency key always names the same id, another scope or key another', () => {
    expect(derivedId('ten', 'a', 'k')).toBe(derivedId('ten', 'a', 'k'));
    expect(
      new Set([derivedId('ten', 'a', 'k'), derivedId('ten', 'b', 'k'), derivedId('ten', 'a', 'l'), derivedId('ten', 'ak', '')]).size,
    ).toBe(4);
    expect(derivedId('ten', 'a', 'k')).toMatch(/^ten_[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  });

  it('a body hash does not depend on the order of fields', () => {
    expect(bodyHash({ a: 1, b: 'x' })).toBe(bodyHash({ b: 'x', a: 1 }));
    expect(bodyHash({ a: 1, b: 'x' })).not.toBe(bodyHash({ a: 1, b: 'y' }));
  });
});
