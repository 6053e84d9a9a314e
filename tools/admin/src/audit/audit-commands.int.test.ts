import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OutgoingRecord, TOPICS } from '@tocsin/contracts';
import { AuditEntry } from '@tocsin/contracts/tenants/v1/tenant';
import { connectKafka, type KafkaConnection } from '@tocsin/kafka';
import { connectMongo, type MongoConnection } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import { loadAuditMac } from '@tocsin/sealing';
import { failTest, startGround, type TestGround } from '@tocsin/testing';
import { AuditHeads } from '../../../../services/tenants/dist/audit/audit-heads.js';
import { AuditTrail } from '../../../../services/tenants/dist/audit/audit-trail.js';
import { openStores, type Stores } from '../../../../services/tenants/dist/stores/stores.js';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });

describe('tocsin-admin audit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-audit-'));
  let ground: TestGround;
  let kafka: KafkaConnection;
  let mongo: MongoConnection;
  let stores: Stores;

  beforeAll(async () => {
    ground = await startGround();
    kafka = connectKafka({ brokers: ground.brokers, clientId: 'audit-test', prefix: ground.prefix }, { ...deps, fail: failTest });
    await kafka.ensureTopics([TOPICS.auditHeads]);
    mongo = await connectMongo(ground.mongoUri, `${ground.prefix}tenants`, deps);
    stores = await openStores(mongo, { publish: () => Promise.resolve(), logger: deps.logger, now: () => 1, traceparent: () => '' });
  });
  afterAll(async () => {
    await Promise.all([stores.tenants.stop(), stores.controls.stop()]);
    await kafka.close(5_000);
    await mongo.close();
    rmSync(folder, { recursive: true, force: true });
    await ground.stop();
  });

  async function audit(...args: string[]): Promise<{ readonly code: number; readonly answer: Record<string, unknown> }> {
    const env = {
      ...process.env,
      TOCSIN_MONGO_URI: ground.mongoUri,
      TOCSIN_DATABASE_PREFIX: ground.prefix,
      TOCSIN_KAFKA_BROKERS: ground.brokers.join(','),
      TOCSIN_TOPIC_PREFIX: ground.prefix,
      TOCSIN_KEY_FILE: ground.keyFile,
    };
    const main = resolve(import.meta.dirname, '../../dist/main.js');
    return new Promise((done) => {
      execFile(process.execPath, [main, '--json', 'audit', ...args], { env }, (error, out) =>
        done({ code: Number(error?.code ?? 0), answer: JSON.parse(out) as Record<string, unknown> }),
      );
    });
  }

  /** Appends as the service does; `told`: whether the head reaches Kafka. */
  async function append(scope: string, from: number, to: number, told = true): Promise<void> {
    const mac = loadAuditMac(ground.keyFile);
    const publish = (records: readonly OutgoingRecord[]): Promise<void> => (told ? kafka.producer().send(records) : Promise.resolve());
    const heads = new AuditHeads({ documents: stores.auditHeads, publish, mac, now: () => Date.now(), logger: deps.logger });
    const trail = new AuditTrail(stores, mac, (...grown) => heads.grown(...grown));
    for (let n = from; n <= to; n += 1) {
      const tenantId = scope === 'platform' ? '' : scope;
      await trail.append(scope, AuditEntry.fromPartial({ entryId: `aud_${n}`, tenantId, action: 'act', outcome: 'OK', occurredAt: n }));
    }
    await heads.stop();
  }

  it('says that all of them hold, and prints their heads', async () => {
    await append('platform', 1, 12);
    await append('ten_a', 1, 5);
    expect(await audit('verify')).toMatchObject({ code: 0, answer: { ok: true, audits: 2, entries: 17, findings: [], forgedHeads: [] } });
    const file = join(folder, 'heads.txt');
    expect(await audit('head', '--out', file)).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toMatch(/^platform 12 [0-9a-f]{64}\nten_a 5 [0-9a-f]{64}\n$/);
    expect(await audit('verify', '--expect-file', file)).toMatchObject({ code: 0 });
  });

  it('names an end that was cut off together with the head in the database: Kafka remembers', async () => {
    await append('ten_cut', 1, 3);
    const before = await stores.auditHeads.get('ten_cut');
    await append('ten_cut', 4, 6);
    for (const seq of [4, 5, 6]) await stores.audit.remove(`ten_cut:${seq}`);
    const now = await stores.auditHeads.get('ten_cut');
    if (before && now) await stores.auditHeads.replace({ ...before, v: now.v });
    const { code, answer } = await audit('verify');
    expect({ code, findings: answer['findings'] }).toMatchObject({ code: 1, findings: [{ scope: 'ten_cut', kind: 'cut', seq: 4 }] });
    expect(await audit('head')).toMatchObject({ code: 1, answer: { error: { reason: 'AUDIT_BROKEN' } } });
  });

  it('names an audit that is gone without a trace in the database, and one that only paper remembers', async () => {
    await append('ten_kept', 1, 4, false);
    const { answer } = await audit('head', '--tenant', 'ten_kept');
    const [head] = answer['heads'] as { scope: string; seq: number; hash: string }[];
    await stores.audit.remove('ten_kept:4');
    const stored = await stores.auditHeads.get('ten_kept');
    if (stored) await stores.auditHeads.removeGuarded(stored);
    expect((await audit('verify', '--tenant', 'ten_kept')).code).toBe(0);
    const expected = await audit('verify', '--tenant', 'ten_kept', '--expect', `ten_kept 4 ${head?.hash ?? ''}`);
    expect(expected).toMatchObject({ code: 1, answer: { findings: [{ kind: 'cut', seq: 4 }] } });
    for (const seq of [1, 2, 3, 4, 5]) await stores.audit.remove(`ten_a:${seq}`);
    expect(await audit('verify', '--tenant', 'ten_a')).toMatchObject({ code: 1, answer: { findings: [{ kind: 'cut', seq: 1 }] } });
  });
});
