import { connectMongo, type MongoConnection } from '@tocsin/mongo';
import { AuditEntry } from '@tocsin/contracts/tenants/v1/tenant';
import { createObservability } from '@tocsin/observability';
import { auditMacOf } from '@tocsin/sealing';
import { startGround, type TestGround } from '@tocsin/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditDocument } from '../stores/records.js';
import { openStores, type Stores } from '../stores/stores.js';
import { AuditHeads, headHolds } from './audit-heads.js';
import { AuditTrail, entryHash, entryPlace } from './audit-trail.js';
import { anchorOf, type ChainReport, verifyChain } from './verify-chain.js';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });
const mac = auditMacOf(Buffer.alloc(32, 9));
const entry = (scope: string, n: number, action = 'act') =>
  AuditEntry.fromPartial({ entryId: `aud_${n}`, tenantId: scope, action, outcome: 'OK', occurredAt: 1_000 + n });

describe('an audit tells what was done to it', () => {
  let ground: TestGround;
  let mongo: MongoConnection;
  let stores: Stores;

  beforeAll(async () => {
    ground = await startGround();
    mongo = await connectMongo(ground.mongoUri, `${ground.prefix}tenants`, deps);
    stores = await openStores(mongo, { publish: () => Promise.resolve(), logger: deps.logger, now: () => 1, traceparent: () => '' });
  });
  afterAll(async () => {
    await Promise.all([stores.tenants.stop(), stores.controls.stop()]);
    await mongo.close();
    await ground.stop();
  });

  /** Eight entries of a scope, its head told, then whatever `tamper` does with the raw documents. */
  async function audited(scope: string, tamper: (at: (seq: number) => Promise<AuditDocument>) => Promise<void>): Promise<ChainReport> {
    const heads = new AuditHeads({
      documents: stores.auditHeads,
      publish: () => Promise.resolve(),
      mac,
      now: () => 5,
      logger: deps.logger,
    });
    const trail = new AuditTrail(stores, mac, (...grown) => heads.grown(...grown));
    for (let n = 1; n <= 8; n += 1) await trail.append(scope, entry(scope, n));
    await heads.stop();
    await tamper(async (seq) => {
      const found = await stores.audit.get(`${scope}:${seq}`);
      if (!found) throw new Error(`no entry ${seq}`);
      return found;
    });
    return verifyChain({ ...stores, mac }, scope, await anchors(scope));
  }

  async function anchors(scope: string) {
    const head = await stores.auditHeads.get(scope);
    if (!head) return [];
    const told = { scope, ...head };
    expect(headHolds(mac, told)).toBe(true);
    return [anchorOf(told, 'the database')];
  }

  const put = (document: AuditDocument, seq: number, scope: string) => stores.audit.insert({ ...document, _id: `${scope}:${seq}`, v: 1 });

  it('holds when nothing was done', async () => {
    const report = await audited('ten_untouched', () => Promise.resolve());
    expect(report).toMatchObject({ entries: 8 });
    expect(report.finding).toBeUndefined();
    expect((await stores.lists.page('audit:scopes', 500, '')).ids).toContain('ten_untouched');
  });

  it('an entry edited', async () => {
    const report = await audited('ten_edited', async (at) => {
      const document = await at(5);
      await stores.audit.replace({ ...document, entry: { ...document.entry, action: 'another act' } });
    });
    expect(report).toMatchObject({ entries: 4, finding: { kind: 'edited', seq: 5 } });
  });

  it('an entry edited by somebody who computes all hashes anew, without the platform key', async () => {
    const report = await audited('ten_recomputed', async (at) => {
      let hash = (await at(4)).hash;
      for (let seq = 5; seq <= 8; seq += 1) {
        const document = await at(seq);
        const changed = seq === 5 ? { ...document.entry, principalId: 'prn_somebody_else' } : document.entry;
        hash = entryHash(hash, changed);
        await stores.audit.replace({ ...document, entry: changed, hash });
      }
    });
    expect(report).toMatchObject({ entries: 4, finding: { kind: 'edited', seq: 5 } });
  });

  it('the same without MACs at all, as an older release would have written it', async () => {
    const report = await audited('ten_stripped', async (at) => {
      let hash: Buffer = Buffer.alloc(0);
      for (let seq = 1; seq <= 8; seq += 1) {
        const { mac: _mac, ...document } = await at(seq);
        const changed = seq === 5 ? { ...document.entry, principalId: 'prn_somebody_else' } : document.entry;
        hash = entryHash(hash, changed);
        await stores.audit.replace({ ...document, entry: changed, hash });
      }
    });
    expect(report.finding).toMatchObject({ kind: 'rewritten', seq: 8 });
  });

  it('two entries in another order', async () => {
    const report = await audited('ten_reordered', async (at) => {
      const [three, four] = [await at(3), await at(4)];
      await stores.audit.replace({ ...four, _id: three._id, v: three.v });
      await stores.audit.replace({ ...three, _id: four._id, v: four.v });
    });
    expect(report).toMatchObject({ entries: 2, finding: { kind: 'reordered', seq: 3 } });
    expect(report.finding?.says).toContain('written as 4');
  });

  it.each([
    ['one entry taken out', [6], 6],
    ['the first one taken out', [1], 1],
  ])('%s', async (_label, gone, seq) => {
    const scope = `ten_gap_${seq}`;
    const report = await audited(scope, async () => {
      for (const one of gone) await stores.audit.remove(`${scope}:${one}`);
    });
    expect(report).toMatchObject({ entries: seq - 1, finding: { kind: 'missing', seq } });
  });

  it('one taken out and the gap closed by renumbering', async () => {
    const report = await audited('ten_closed', async (at) => {
      for (let seq = 3; seq < 8; seq += 1) {
        const next = await at(seq + 1);
        await stores.audit.remove(`ten_closed:${seq}`);
        await put(next, seq, 'ten_closed');
      }
      await stores.audit.remove('ten_closed:8');
    });
    expect(report).toMatchObject({ entries: 2, finding: { kind: 'missing', seq: 3 } });
  });

  it('the end cut off', async () => {
    const report = await audited('ten_cut', async () => {
      await stores.audit.remove('ten_cut:8');
      await stores.audit.remove('ten_cut:7');
    });
    expect(report).toMatchObject({ entries: 6, finding: { kind: 'cut', seq: 7 } });
  });

  it('all of it gone', async () => {
    const report = await audited('ten_gone', async () => {
      for (let seq = 1; seq <= 8; seq += 1) await stores.audit.remove(`ten_gone:${seq}`);
    });
    expect(report).toMatchObject({ entries: 0, finding: { kind: 'cut', seq: 1 } });
  });

  it('an entry repeated', async () => {
    const report = await audited('ten_repeated', async (at) => void (await put(await at(2), 9, 'ten_repeated')));
    expect(report).toMatchObject({ entries: 8, finding: { kind: 'duplicated', seq: 9 } });
  });

  it('an entry of another tenant', async () => {
    const report = await audited('ten_swapped', async (at) => {
      const [mine, other] = [await at(3), await stores.audit.get('ten_untouched:3')];
      if (!other) throw new Error('no other entry');
      await stores.audit.replace({ ...other, _id: mine._id, v: mine.v });
    });
    expect(report).toMatchObject({ entries: 2, finding: { kind: 'foreign', seq: 3 } });
  });

  it('an entry that nobody wrote', async () => {
    const report = await audited('ten_invented', async (at) => {
      const invented = entry('ten_invented', 99);
      const hash = entryHash((await at(8)).hash, invented);
      await stores.audit.insert({ _id: 'ten_invented:9', v: 1, entry: invented, hash, mac: mac(entryPlace('ten_other', 9), hash) });
    });
    expect(report).toMatchObject({ entries: 8, finding: { kind: 'inserted', seq: 9 } });
  });

  it('an end that an older release wrote is not vouched for until somebody does', async () => {
    const report = await audited('ten_older', async (at) => {
      const older = entry('ten_older', 9);
      await stores.auditPlaces.insert({ _id: 'ten_older:aud_9', v: 1, seq: 9 });
      await stores.audit.insert({ _id: 'ten_older:9', v: 1, entry: older, hash: entryHash((await at(8)).hash, older) });
    });
    expect(report).toMatchObject({ entries: 9, finding: { kind: 'unsealed', seq: 9 } });
    await new AuditTrail(stores, mac, () => undefined).append('ten_older', entry('ten_older', 10));
    expect((await verifyChain({ ...stores, mac }, 'ten_older', [])).finding).toBeUndefined();
  });
});
