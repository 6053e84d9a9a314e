import { describe, expect, it } from 'vitest';
import { PrincipalKind, type AuditEntry } from '@tocsin/contracts/tenants/v1/tenant';
import { createMetrics, type Logger } from '@tocsin/observability';
import { AuditTrail, type Recorded } from './audit-trail.js';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

function setUp(): { trail: AuditTrail; written: AuditEntry[]; directory: { away: boolean } } {
  const written: AuditEntry[] = [];
  const directory = { away: false };
  const trail = new AuditTrail({
    append: (entry) => {
      if (directory.away) return Promise.reject(new Error('away'));
      written.push(entry);
      return Promise.resolve();
    },
    now: () => 7,
    logger: silent,
    metrics: createMetrics(),
  });
  return { trail, written, directory };
}

function recorded(subjectId: string): Recorded {
  const caller = { principalId: 'prn_1', tenantId: 'ten_A', kind: PrincipalKind.AGENT, roles: [], keyId: 'key_1' };
  return { caller, tenantId: 'ten_A', action: 'x/Y', subjectId, outcome: 'OK', detail: 'd'.repeat(900) };
}

describe('the audit trail', () => {
  it('writes an entry with an id of its own, its time, and a bounded detail', async () => {
    const { trail, written } = setUp();
    await trail.note(recorded('a'));
    expect(written[0]).toMatchObject({ principalId: 'prn_1', subjectId: 'a', occurredAt: 7, detail: 'd'.repeat(500) });
    expect(written[0]?.entryId).toMatch(/^aud_/);
  });

  it('what cannot be written now is written later, once and in order', async () => {
    const { trail, written, directory } = setUp();
    directory.away = true;
    await trail.note(recorded('a'));
    await trail.note(recorded('b'));
    directory.away = false;
    await trail.flush();
    await trail.flush();
    expect(written.map((entry) => entry.subjectId)).toEqual(['a', 'b']);
  });

  it('what must be written first fails with the directory', async () => {
    const { trail, directory } = setUp();
    directory.away = true;
    await expect(trail.must(recorded('a'))).rejects.toThrow('away');
  });
});
