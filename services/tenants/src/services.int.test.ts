import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OutgoingRecord } from '@tocsin/contracts';
import { TenantChanged } from '@tocsin/contracts/tenants/v1/tenants_service';
import {
  type Caller,
  CreateTenantRequest,
  DirectoryServiceDefinition,
  IssueKeyRequest,
  TenantsServiceDefinition,
  UpdateTenantRequest,
} from '@tocsin/contracts/tenants/v1/tenants_service';
import { Manifest } from '@tocsin/contracts/channels/v1/channels';
import { AuditEntry, PrincipalKind, Role, TenantKind } from '@tocsin/contracts/tenants/v1/tenant';
import {
  ControlKind,
  ControlTarget,
  OperationsServiceDefinition,
  OperatorControl,
  SetControlRequest,
} from '@tocsin/contracts/tenants/v1/operations_service';
import { Lane } from '@tocsin/contracts/common/v1/common';
import type { TocsinError } from '@tocsin/errors';
import { type GrpcChannel, type GrpcServer, onBehalfOf, openGrpcChannel, serviceCaller, startGrpcServer } from '@tocsin/grpc';
import { connectMongo, type MongoConnection } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import { auditMacOf, loadSealer } from '@tocsin/sealing';
import { errorOf, startGround, type TestGround } from '@tocsin/testing';
import { AuditTrail, entryHash } from './audit/audit-trail.js';
import { Controls } from './operations/controls.js';
import { tenantServices } from './services.js';
import { openStores, type Stores } from './stores/stores.js';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });
const platform = onBehalfOf(serviceCaller('test'), 20_000);
const as = (tenantId: string, principalId = 'prn_x') => {
  const caller: Caller = { principalId, tenantId, kind: PrincipalKind.AGENT, roles: [Role.TENANT_ADMIN], keyId: '' };
  return onBehalfOf(caller, 20_000);
};
const city = (idempotencyKey: string, name = 'Nantes') =>
  CreateTenantRequest.fromPartial({
    idempotencyKey,
    name,
    kind: TenantKind.COMMUNE,
    inseeCode: '44109',
    weight: 10,
    approvalThreshold: 500,
    smsSender: 'NANTES',
    mailFrom: 'alerte@nantes.example',
  });

const trailOf = (stores: Stores): AuditTrail => new AuditTrail(stores, auditMacOf(Buffer.alloc(32, 7)), () => undefined);
const MANIFESTS = new Map([['sms', Manifest.fromPartial({ channel: 'sms', routes: [{ routeId: 'smpp-1' }] })]]);

describe('tenants service, two instances', () => {
  let ground: TestGround;
  const published: OutgoingRecord[] = [];
  const closing: (() => Promise<void>)[] = [];
  const stores: Stores[] = [];
  let channel: GrpcChannel;
  let time = 1_795_000_000_000;

  async function startInstance(): Promise<number> {
    const mongo: MongoConnection = await connectMongo(ground.mongoUri, `${ground.prefix}tenants`, deps);
    const publish = async (records: readonly OutgoingRecord[]): Promise<void> => void published.push(...records);
    const opened = await openStores(mongo, { publish, logger: deps.logger, now: () => time, traceparent: () => '' });
    stores.push(opened);
    const parts = {
      stores: opened,
      controls: new Controls(opened.controls),
      manifests: MANIFESTS,
      sealer: loadSealer(ground.keyFile),
      now: () => time,
      random: (bytes: number) => randomBytes(bytes),
    };
    const server: GrpcServer = await startGrpcServer(
      { host: '127.0.0.1', port: 0, services: tenantServices(parts, trailOf(opened)), authenticate: 'caller' },
      deps,
    );
    closing.push(async () => {
      await server.drain(1_000);
      await Promise.all([opened.tenants.stop(), opened.controls.stop()]);
      await mongo.close();
    });
    return server.port;
  }

  beforeAll(async () => {
    ground = await startGround();
    const addresses = [await startInstance(), await startInstance()].map((port) => `127.0.0.1:${port}`);
    channel = openGrpcChannel({ addresses }, deps);
  });
  afterAll(async () => {
    channel.close();
    await Promise.all(closing.map((close) => close()));
    await ground.stop();
  });
  const operations = () => channel.client(OperationsServiceDefinition);
  const tenants = () => channel.client(TenantsServiceDefinition);
  const directory = () => channel.client(DirectoryServiceDefinition);
  async function makeTenant(key: string): Promise<string> {
    return (await tenants().createTenant(city(key), platform)).tenant?.tenantId ?? '';
  }
  async function makePrincipal(tenantId: string, key: string, roles = [Role.AUTHOR, Role.READER]): Promise<string> {
    const request = { idempotencyKey: key, tenantId, kind: PrincipalKind.AGENT, displayName: 'Camille', roles };
    return (await tenants().createPrincipal(request, platform)).principal?.principalId ?? '';
  }

  it('makes one tenant of 64 calls at once, each answered the same, and publishes it once', async () => {
    const answers = await Promise.all(Array.from({ length: 64 }, () => tenants().createTenant(city('sixty-four'), platform)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    const tenant = answers[0]?.tenant;
    expect(tenant).toMatchObject({ name: 'Nantes', version: 1, weight: 10, suspended: false });
    expect(tenant?.sealKey?.wrapped.length).toBe(60);
    const listed = (await tenants().listTenants({ pageSize: 500, pageToken: '' }, platform)).tenants;
    expect(listed.filter((one) => one.tenantId === tenant?.tenantId)).toHaveLength(1);
    await expect.poll(() => published.filter((record) => record.key === tenant?.tenantId).length).toBe(1);
    const envelope = published.find((record) => record.key === tenant?.tenantId)?.envelope;
    expect(envelope).toMatchObject({ type: 'tocsin.tenants.v1.TenantChanged', epoch: 1 });
    expect(TenantChanged.decode(envelope?.payload ?? Buffer.alloc(0)).tenant).toEqual(tenant);
  });

  it('refuses another body under the same idempotency key', async () => {
    await makeTenant('reused');
    expect(await errorOf(tenants().createTenant(city('reused', 'Rezé'), platform))).toMatchObject({
      code: 'ALREADY_EXISTS',
      reason: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  it('names every wrong field', async () => {
    const wrong = CreateTenantRequest.fromPartial({ ...city(''), weight: 0, smsSender: 'ALERTE', inseeCode: '1' });
    const error = await errorOf(tenants().createTenant(wrong, platform));
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.fieldViolations.map((violation) => violation.field).toSorted()).toEqual([
      'idempotency_key',
      'insee_code',
      'sms_sender',
      'weight',
    ]);
  });

  it('lets a tenant see itself alone: another id answers as one that does not exist', async () => {
    const [mine, other] = [await makeTenant('mine'), await makeTenant('other')];
    expect((await tenants().getTenant({ tenantId: '' }, as(mine))).tenant?.tenantId).toBe(mine);
    expect((await tenants().listTenants({ pageSize: 0, pageToken: '' }, as(mine))).tenants.map((one) => one.tenantId)).toEqual([mine]);
    const absent = await errorOf(tenants().getTenant({ tenantId: 'ten_01ARZ3NDEKTSV4RRFFQ69G5FAV' }, as(mine)));
    const foreign = await errorOf(tenants().getTenant({ tenantId: other }, as(mine)));
    const shape = ({ code, reason, message }: TocsinError) => ({ code, reason, message });
    expect(shape(foreign)).toEqual(shape(absent));
    expect(foreign.code).toBe('NOT_FOUND');
    const principalId = await makePrincipal(other, 'foreign');
    const refused = await Promise.all(
      [
        tenants().updateTenant(UpdateTenantRequest.fromPartial({ tenantId: other, version: 1, smsSender: 'MINE' }), as(mine)),
        tenants().listPrincipals({ tenantId: other, pageSize: 0, pageToken: '' }, as(mine)),
        tenants().disablePrincipal({ tenantId: other, principalId }, as(mine)),
        tenants().disablePrincipal({ tenantId: mine, principalId }, as(mine)),
        tenants().issueKey(IssueKeyRequest.fromPartial({ idempotencyKey: 'x', tenantId: '', principalId }), as(mine)),
        tenants().listKeys({ tenantId: other, pageSize: 0, pageToken: '' }, as(mine)),
        tenants().listAudit({ tenantId: other, pageSize: 0, pageToken: '' }, as(mine)),
      ].map(errorOf),
    );
    expect(refused.map((error) => error.code)).toEqual(refused.map(() => 'NOT_FOUND'));
    expect((await errorOf(tenants().createTenant(city('by-tenant'), as(mine)))).code).toBe('PERMISSION_DENIED');
  });

  it('updates on the version read, publishes it, and keeps weight and suspension for the platform', async () => {
    const tenantId = await makeTenant('updated');
    const update = (fields: Partial<UpdateTenantRequest>, who = platform) =>
      tenants().updateTenant(UpdateTenantRequest.fromPartial({ tenantId, version: 1, ...fields }), who);
    expect((await errorOf(update({ weight: 50 }, as(tenantId)))).reason).toBe('PLATFORM_ONLY');
    expect((await errorOf(update({}))).code).toBe('INVALID_ARGUMENT');
    const changed = (await update({ weight: 50, suspended: true })).tenant;
    expect(changed).toMatchObject({ version: 2, weight: 50, suspended: true, smsSender: 'NANTES' });
    expect(await errorOf(update({ weight: 60 }))).toMatchObject({ code: 'ABORTED', reason: 'VERSION_CHANGED' });
    // At least once: the second instance may publish again what the first one has not cleared yet, never in another order.
    const versions = () => new Set(published.filter((record) => record.key === tenantId).map((record) => record.envelope?.epoch));
    await expect.poll(() => [...versions()]).toEqual([1, 2]);
  });

  it('holds a lane until it is lifted, says who did it and why, and tells it in the order of decisions', async () => {
    const bulk = ControlTarget.fromPartial({ kind: ControlKind.PAUSE_LANE, channel: 'sms', lane: Lane.BULK });
    const request = SetControlRequest.fromPartial({ target: bulk, reason: 'the provider asked for it' });
    const admin = { ...platform, ...as('', 'prn_operator') };
    const told = () =>
      published
        .filter((one) => one.key === 'lane:sms:bulk')
        .map((one) => ({ epoch: one.envelope?.epoch, ...OperatorControl.decode(one.envelope?.payload ?? Buffer.alloc(0)) }));
    const { control } = await operations().setControl(request, admin);
    expect(control).toMatchObject({ key: 'lane:sms:bulk', reason: request.reason, setBy: 'prn_operator', lifted: false });
    await operations().setControl({ ...request, reason: 'the provider asked for it again' }, admin);
    const { controls } = await operations().listControls({}, admin);
    expect(controls.filter((one) => one.key === 'lane:sms:bulk').map((one) => one.reason)).toEqual(['the provider asked for it again']);
    await operations().liftControl({ target: bulk, reason: 'the provider is well' }, admin);
    expect((await operations().listControls({}, admin)).controls.map((one) => one.key)).not.toContain('lane:sms:bulk');
    // At least once each: the second instance may tell again what the first has not cleared yet, never in another order.
    const byEpoch = () => [...new Map(told().map((one) => [one.epoch ?? 0, one.lifted]))];
    await expect.poll(() => byEpoch().map(([, lifted]) => lifted)).toEqual([false, false, true]);
    expect(byEpoch().map(([epoch]) => epoch)).toEqual(
      byEpoch()
        .map(([epoch]) => epoch)
        .toSorted((a, b) => a - b),
    );
  });

  it('a control that ends by itself is in force until then', async () => {
    const target = ControlTarget.fromPartial({ kind: ControlKind.PAUSE_LANE, channel: 'sms', lane: Lane.LIFE_SAFETY });
    const request = { target, ratePerSecond: 0, reason: 'an exercise of the operators' };
    expect((await errorOf(operations().setControl({ ...request, until: 0 }, platform))).fieldViolations).toHaveLength(1);
    await operations().setControl({ ...request, until: time + 60_000 }, platform);
    expect((await operations().listControls({}, platform)).controls.map((one) => one.key)).toContain('lane:sms:life-safety');
    time += 60_000;
    expect((await operations().listControls({}, platform)).controls.map((one) => one.key)).not.toContain('lane:sms:life-safety');
  });

  it('a misspelt channel or route is refused by naming those there are; only the platform may control', async () => {
    const set = (target: Partial<ControlTarget>, who = platform, ratePerSecond = 0) =>
      errorOf(
        operations().setControl(
          SetControlRequest.fromPartial({ target: ControlTarget.fromPartial(target), reason: 'as long as it takes', ratePerSecond }),
          who,
        ),
      );
    expect(await set({ kind: ControlKind.PAUSE_LANE, channel: 'smss', lane: Lane.BULK })).toMatchObject({ reason: 'CHANNEL_UNKNOWN' });
    const wrong = await set({ kind: ControlKind.ROUTE_RATE, channel: 'sms', routeId: 'smpp-2' }, platform, 5);
    expect(wrong).toMatchObject({ reason: 'ROUTE_UNKNOWN' });
    expect(wrong.message).toContain('smpp-1');
    expect((await set({ kind: ControlKind.ROUTE_RATE, channel: 'sms', routeId: 'smpp-1' })).code).toBe('INVALID_ARGUMENT');
    expect((await set({ kind: ControlKind.SUSPEND_TENANT, tenantId: 'ten_01ARZ3NDEKTSV4RRFFQ69G5FAV' })).code).toBe('NOT_FOUND');
    const mine = await makeTenant('controls');
    expect((await set({ kind: ControlKind.SUSPEND_TENANT, tenantId: mine }, as(mine))).reason).toBe('PLATFORM_ONLY');
  });

  it('a suspended tenant is held and its keys are refused, until an operator lets it go on', async () => {
    const tenantId = await makeTenant('suspended');
    const principalId = await makePrincipal(tenantId, 'p');
    const { secret } = await tenants().issueKey(IssueKeyRequest.fromPartial({ idempotencyKey: 's', tenantId, principalId }), platform);
    const target = ControlTarget.fromPartial({ kind: ControlKind.SUSPEND_TENANT, tenantId });
    await operations().setControl({ target, ratePerSecond: 0, reason: 'its keys were stolen', until: 0 }, platform);
    expect((await errorOf(directory().authenticate({ secret }, platform))).reason).toBe('TENANT_SUSPENDED');
    expect((await operations().listControls({}, platform)).controls.map((one) => one.key)).toContain(`tenant:${tenantId}`);
    await operations().liftControl({ target, reason: 'it has new keys now' }, platform);
    await directory().authenticate({ secret }, platform);
    expect((await tenants().getTenant({ tenantId }, platform)).tenant).toMatchObject({ suspended: false, version: 3 });
  });

  it('shows a secret once, authenticates with it, and narrows roles by scopes', async () => {
    const tenantId = await makeTenant('keys');
    const principalId = await makePrincipal(tenantId, 'p');
    const request = IssueKeyRequest.fromPartial({ idempotencyKey: 'k1', tenantId, principalId, label: 'CI', scopes: [Role.READER] });
    const issued = await tenants().issueKey(request, platform);
    const again = await errorOf(tenants().issueKey(request, platform));
    expect(again).toMatchObject({ code: 'ALREADY_EXISTS', reason: 'KEY_ALREADY_ISSUED', metadata: { key_id: issued.key?.keyId } });
    expect(await errorOf(tenants().issueKey({ ...request, label: 'other' }, platform))).toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' });
    const known = await directory().authenticate({ secret: issued.secret }, platform);
    expect(known).toMatchObject({ principal: { principalId, tenantId }, roles: [Role.READER], keyId: issued.key?.keyId });
    const kept = JSON.stringify(await stores[0]?.keys.get(issued.key?.keyId ?? ''));
    expect(kept).not.toContain(issued.secret.slice(-43));
    const listed = await tenants().listKeys({ tenantId, pageSize: 0, pageToken: '' }, platform);
    expect(listed.keys).toEqual([issued.key]);
    expect((await errorOf(tenants().issueKey({ ...request, idempotencyKey: 'k2', scopes: [Role.APPROVER] }, platform))).code).toBe(
      'INVALID_ARGUMENT',
    );
  });

  it('refuses a wrong, expired or revoked key and a disabled principal', async () => {
    const tenantId = await makeTenant('refused');
    const principalId = await makePrincipal(tenantId, 'p');
    const issue = async (key: string, expiresAt = 0) =>
      tenants().issueKey(IssueKeyRequest.fromPartial({ idempotencyKey: key, tenantId, principalId, expiresAt }), platform);
    const reasonOf = async (secret: string) => {
      const error = await errorOf(directory().authenticate({ secret }, platform));
      expect(error.code).toBe('UNAUTHENTICATED');
      return error.reason;
    };
    const [one, two] = [await issue('one'), await issue('two', time + 1_000)];
    const wrong = one.secret.slice(0, -43) + Buffer.alloc(32, 7).toString('base64url');
    expect(await reasonOf(wrong)).toBe('KEY_UNKNOWN');
    expect(await reasonOf('nonsense')).toBe('KEY_UNKNOWN');
    await directory().authenticate({ secret: two.secret }, platform);
    time += 1_000;
    expect(await reasonOf(two.secret)).toBe('KEY_EXPIRED');
    const revoked = await tenants().revokeKey({ tenantId, keyId: two.key?.keyId ?? '' }, platform);
    expect((await tenants().revokeKey({ tenantId, keyId: two.key?.keyId ?? '' }, platform)).key).toEqual(revoked.key);
    expect(await reasonOf(two.secret)).toBe('KEY_REVOKED');
    await tenants().disablePrincipal({ tenantId, principalId }, platform);
    expect(await reasonOf(one.secret)).toBe('PRINCIPAL_DISABLED');
    expect((await errorOf(issue('three'))).reason).toBe('PRINCIPAL_DISABLED');
    expect((await errorOf(tenants().disablePrincipal({ tenantId, principalId }, as(tenantId, principalId)))).reason).toBe('OWN_PRINCIPAL');
  });

  it('lists principals page by page in order of creation', async () => {
    const tenantId = await makeTenant('many');
    const made: string[] = [];
    for (let n = 0; n < 7; n += 1) made.push(await makePrincipal(tenantId, `p${n}`));
    const read: string[] = [];
    let pageToken = '';
    do {
      const page = await tenants().listPrincipals({ tenantId, pageSize: 3, pageToken }, as(tenantId));
      read.push(...page.principals.map((principal) => principal.principalId));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(read).toEqual(made);
    expect((await errorOf(tenants().listPrincipals({ tenantId, pageSize: 501, pageToken: '' }, platform))).code).toBe('INVALID_ARGUMENT');
  });

  it('appends each audit entry once, from two instances at the same time, newest first, chained', async () => {
    const tenantId = await makeTenant('audited');
    const entry = (n: number): AuditEntry =>
      AuditEntry.fromPartial({ entryId: `aud_${n}`, tenantId, principalId: 'prn_x', action: 'a/b', outcome: 'OK', occurredAt: time + n });
    const numbers = Array.from({ length: 24 }, (_, n) => n);
    await Promise.all([...numbers, ...numbers].map((n) => directory().appendAudit({ entry: entry(n) }, as(tenantId))));
    const read: AuditEntry[] = [];
    let pageToken = '';
    do {
      const page = await tenants().listAudit({ tenantId, pageSize: 10, pageToken }, as(tenantId));
      read.push(...page.entries);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(read.map((one) => one.entryId).toSorted()).toEqual(numbers.map((n) => `aud_${n}`).toSorted());
    let hash: Buffer = Buffer.alloc(0);
    for (const one of read.toReversed()) hash = entryHash(hash, one);
    expect((await stores[0]?.audit.get(`${tenantId}:24`))?.hash).toEqual(hash);
    expect((await errorOf(directory().appendAudit({ entry: { ...entry(1), tenantId: 'ten_other' } }, as(tenantId)))).code).toBe(
      'NOT_FOUND',
    );
  });

  it('many entries of a tenant at once cost two writes each: none takes the place of another', async () => {
    const store = stores[0];
    if (!store) throw new Error('no store');
    const writes = [vi.spyOn(store.audit, 'insert'), vi.spyOn(store.auditPlaces, 'insert'), vi.spyOn(store.auditPlaces, 'replace')];
    const trail = trailOf(store);
    const entries = Array.from({ length: 30 }, (_, n) =>
      AuditEntry.fromPartial({ entryId: `many_${n}`, action: 'a', outcome: 'OK', occurredAt: 1 }),
    );
    await Promise.all(entries.map((entry) => trail.append('many', entry)));
    const made = writes.map((write) => write.mock.calls.length);
    for (const write of writes) write.mockRestore();
    expect(made).toEqual([30, 30, 0]);
    expect((await trail.page('many', 50, 0)).entries).toHaveLength(30);
  });

  it('finds an entry whose writer died between noting its place and writing it', async () => {
    const store = stores[0];
    if (!store) throw new Error('no store');
    const trail = trailOf(store);
    const entry = (id: string) => AuditEntry.fromPartial({ entryId: id, action: 'a', outcome: 'OK', occurredAt: 1 });
    await trail.append('crash', entry('first'));
    await store.auditPlaces.insert({ _id: 'crash:lost', v: 1, seq: 2 });
    await trail.append('crash', entry('second'));
    await trailOf(store).append('crash', entry('lost'));
    await trailOf(store).append('crash', entry('lost'));
    expect((await trail.page('crash', 10, 0)).entries.map((one) => one.entryId)).toEqual(['lost', 'second', 'first']);
  });
});
