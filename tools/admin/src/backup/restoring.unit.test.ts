import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packEnvelope, TOPICS } from '@tocsin/contracts';
import { Envelope } from '@tocsin/contracts/common/v1/common';
import { rawDocument, plainDocument } from '@tocsin/mongo';
import { partitionOf } from '@tocsin/kafka';
import { describe, expect, it } from 'vitest';
import { AuditEnds } from './audit-ends.js';
import { KnownVersions } from './known-versions.js';
import { backupName, noteBackup, prune } from './repeated-backups.js';
import { basesOf, shiftDocument } from './shift-document.js';

const BEGINNING = { takenAt: 1, groups: [], partitions: [], channels: [{ channel: 'sms', shares: 2 }] };

describe('offsets in documents name the same records in a restored Kafka', () => {
  const ledger = partitionOf(Buffer.from('cmp_1:3'), 6);
  const own = partitionOf(Buffer.from('sms'), 12);
  const at = (topic: string, partition: number, base: number) => ({ topic, partition, base });
  const base = basesOf([
    at('delivery.planned.v1', ledger, 100),
    at('delivery.attempts.sms.v1', ledger, 40),
    at('routing.plans.v1', own, 7),
    at('delivery.due.v1', own, 3),
    at('delivery.attempts.sms.v1', (ledger + 1) % 6, 9),
    at('delivery.granted.sms.urgent.v1', 1, 1_000),
  ]);

  it('of a slice: what was folded before the copy begins leaves everything of the copy to fold', () => {
    const sources = ['delivery.planned.v1', 'delivery.attempts.sms.v1', 'delivery.receipts.sms.v1'].map((topic) => ({ topic, offset: 60 }));
    const raw = rawDocument({ _id: 'cmp_1:3', v: 4, planned: true, base: 2.5, sources });
    const shifted = plainDocument<{ sources: object[] }>(shiftDocument('deliveries', 'slices', raw, base, BEGINNING));
    expect(shifted.sources).toEqual([
      { topic: 'delivery.planned.v1', offset: -1 },
      { topic: 'delivery.attempts.sms.v1', offset: 20 },
      { topic: 'delivery.receipts.sms.v1', offset: 60 },
    ]);
    expect(shifted).toMatchObject({ _id: 'cmp_1:3', v: 4, base: 2.5 });
  });

  it("of a scheduler's checkpoint", () => {
    const granted = [
      [0, 0],
      [500, 1_500],
      [0, 0],
      [0, 0],
    ];
    const attempts = [
      [ledger, 50],
      [(ledger + 1) % 6, 5],
    ];
    const raw = rawDocument({ _id: 'sms', v: 9, epoch: 4, body: '{}', at: 1, offsets: { plans: 10, due: 3, attempts, granted } });
    expect(plainDocument(shiftDocument('routing', 'checkpoints', raw, base, BEGINNING))).toMatchObject({
      epoch: 4,
      offsets: {
        plans: 3,
        due: 0,
        attempts: [
          [ledger, 10],
          [(ledger + 1) % 6, 0],
        ],
        granted: [
          [0, 0],
          [500, 500],
          [0, 0],
          [0, 0],
        ],
      },
    });
  });

  it('of others as they are', () => {
    const raw = rawDocument({ _id: 'x', v: 1, offset: 5 });
    expect(shiftDocument('campaigns', 'campaigns', raw, base, BEGINNING)).toBe(raw);
  });
});

describe('an event of a version that was not copied is not heard', () => {
  const versions = new KnownVersions();
  versions.note('campaigns', 'campaigns', [rawDocument({ _id: 'cmp_1', v: 9, version: 3 })]);
  versions.note('tenants', 'controls', [rawDocument({ _id: 'platform', v: 2, version: 5 })]);
  const event = (key: string, epoch: number) => ({
    offset: 0,
    timestamp: 0,
    key: Buffer.from(key),
    value: Buffer.from(
      Envelope.encode(
        packEnvelope('tocsin.campaigns.v1.CampaignPaused', { campaignId: key }, { tenantId: '', occurredAt: 1, epoch }),
      ).finish(),
    ),
  });
  it.each([
    ['of the version copied', TOPICS.campaignEvents.name, 'cmp_1', 3, true],
    ['of the next one', TOPICS.campaignEvents.name, 'cmp_1', 4, false],
    ['of a campaign that was not copied', TOPICS.campaignStops.name, 'cmp_2', 1, false],
    ['of the controls, whatever their key', TOPICS.operatorControls.name, 'lane:sms:bulk', 5, true],
    ['of controls decided later', TOPICS.operatorControls.name, 'lane:sms:bulk', 6, false],
    ['of an earlier restore', TOPICS.operatorControls.name, 'restored', 1_795_000_000_000, true],
    ['of what flows', TOPICS.plans.name, 'sms', 99, true],
  ])('%s', (_label, topic, key, epoch, heard) => {
    expect(versions.knows(topic, event(key, epoch))).toBe(heard);
  });
});

describe('an audit that grew while it was read', () => {
  const entries = (...numbers: number[]) => numbers.map((seq) => rawDocument({ _id: `ten_1:${seq}`, v: 1 }));
  it.each([
    ['whole', [1, 2, 3], 3, []],
    ['with entries behind one that was missed', [1, 11, 2, 3, 4, 5, 6, 7, 8, 9], 9, ['ten_1:11']],
    ['with a gap that was there before: evidence, and left', [1, 3, 4], 4, []],
  ])('%s', (_label, numbers, head, left) => {
    const ends = new AuditEnds();
    ends.note('audit_heads', [rawDocument({ _id: 'ten_1', v: 1, seq: head })]);
    ends.note('audit', entries(...numbers));
    expect(ends.behindGaps()).toEqual(left);
  });
});

describe('repeated backups', () => {
  it('keep the newest, remove what a crash left half written and nothing of anybody else, and say when the last was taken', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-backups-'));
    const names = [0, 1, 2, 3].map((n) => backupName(1_795_000_000_000 + n * 300_000));
    for (const name of [...names, `${names[0]}.part`, 'notes.backup', 'other.part']) writeFileSync(join(folder, name), 'x');
    expect(names[0]).toBe('tocsin-20261118T110640Z.backup');
    prune(folder, 2);
    noteBackup(folder, { path: 'p', takenAt: 1_795_000_000_500, endedAt: 1_795_000_001_000, bytes: 7, documents: {}, records: {} });
    expect(readdirSync(folder).toSorted()).toEqual(
      ['last.json', 'notes.backup', 'other.part', 'tocsin_backup.prom', names[2], names[3]].toSorted(),
    );
    expect(readFileSync(join(folder, 'tocsin_backup.prom'), 'utf8')).toContain('tocsin_backup_taken_timestamp_seconds 1795000000.5\n');
    rmSync(folder, { recursive: true });
  });
});
