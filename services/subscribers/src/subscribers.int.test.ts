import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { record, TOPICS } from '@tocsin/contracts';
import { Reply, ReplyKind } from '@tocsin/contracts/channels/v1/channels';
import { RegisterKind } from '@tocsin/contracts/common/v1/common';
import { Audience, AudienceServiceDefinition, type WalkAudienceResponse } from '@tocsin/contracts/subscribers/v1/audience';
import {
  ImportState,
  RegistersServiceDefinition,
  SuppressionsServiceDefinition,
  type Import,
  type ImportRegisterRequest,
} from '@tocsin/contracts/subscribers/v1/registers_service';
import { CreateTenantRequest, TenantsServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TenantKind } from '@tocsin/contracts/tenants/v1/tenant';
import { TocsinError } from '@tocsin/errors';
import { onBehalfOf, openGrpcChannel, serviceCaller, type GrpcChannel } from '@tocsin/grpc';
import { connectKafka, type KafkaConnection } from '@tocsin/kafka';
import { connectMongo, type MongoConnection } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import { loadSealer, type Sealer } from '@tocsin/sealing';
import {
  failTest,
  groundEnv,
  repositoryRoot,
  startGround,
  startService,
  waitUntil,
  type ServiceProcess,
  type TestGround,
} from '@tocsin/testing';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });
const call = onBehalfOf(serviceCaller('test'), 100_000);
const CHANNELS = [
  { channel: 'sms', addressKinds: ['mobile'] },
  { channel: 'email', addressKinds: ['mailbox'] },
];
const CHUNK = 64 * 1024;
const COLLECTIONS = ['registers', 'pages', 'buckets', 'summaries', 'verdicts', 'imports', 'suppressions', 'unsubscribes', 'erasures'];

interface Expected {
  readonly file: string;
  readonly rows: number;
  readonly recipients: number;
  readonly badRows: number;
  readonly refusedConsent: number;
  readonly duplicates: number;
  readonly reach: { readonly sms: readonly string[]; readonly email: readonly string[] };
  readonly mustNotReach: { readonly sms: readonly string[] };
  readonly stops: readonly string[];
}

describe('subscribers, two instances on the real store', () => {
  let ground: TestGround;
  let folder: string;
  let city: Expected;
  let file: Buffer;
  let sealer: Sealer;
  let mongo: MongoConnection;
  let kafka: KafkaConnection;
  let tenants: ServiceProcess;
  let env: Record<string, string>;
  const instances: { process: ServiceProcess; channel: GrpcChannel }[] = [];
  const channels: GrpcChannel[] = [];

  const start = async (): Promise<void> => {
    const process = await startService('subscribers', env);
    instances.push({ process, channel: openGrpcChannel({ addresses: [`127.0.0.1:${process.grpcPort}`] }, deps) });
  };
  const on = (index: number): GrpcChannel => {
    const instance = instances[index];
    if (!instance) throw new Error('no such instance');
    return instance.channel;
  };
  const newTenant = async (name: string): Promise<string> => {
    const channel = openGrpcChannel({ addresses: [`127.0.0.1:${tenants.grpcPort}`] }, deps);
    channels.push(channel);
    const request = CreateTenantRequest.fromPartial({
      idempotencyKey: name,
      name,
      kind: TenantKind.COMMUNE,
      inseeCode: '31555',
      weight: 10,
      smsSender: 'VILLE',
      mailFrom: 'alerte@ville.example',
    });
    return (await channel.client(TenantsServiceDefinition).createTenant(request, call)).tenant?.tenantId ?? '';
  };
  const importFile = async (index: number, tenantId: string, key: string, bytes: Buffer): Promise<Import> => {
    async function* requests(): AsyncGenerator<ImportRegisterRequest> {
      const header = { idempotencyKey: key, tenantId, register: RegisterKind.GENERAL, fileName: 'ville.csv', purpose: 'alert', groups: [] };
      yield { part: { $case: 'header', value: header } };
      for (let at = 0; at < bytes.length; at += CHUNK) yield { part: { $case: 'chunk', value: bytes.subarray(at, at + CHUNK) } };
    }
    let last: Import | undefined;
    for await (const answer of on(index).client(RegistersServiceDefinition).importRegister(requests(), call)) last = answer.import;
    if (!last) throw new Error('no answer');
    return last;
  };
  const walk = async (
    index: number,
    tenantId: string,
    afterPosition = '',
    audience: Partial<Audience> = { everyone: true },
  ): Promise<WalkAudienceResponse[]> => {
    const request = {
      tenantId,
      audience: Audience.fromPartial({ register: RegisterKind.GENERAL, ...audience }),
      channels: CHANNELS,
      purpose: 'alert',
      afterPosition,
    };
    const pages: WalkAudienceResponse[] = [];
    for await (const page of on(index).client(AudienceServiceDefinition).walkAudience(request, call)) pages.push(page);
    return pages;
  };
  const hashes = (pages: readonly WalkAudienceResponse[], channel: string): string[] =>
    pages.flatMap((page) =>
      page.contacts.flatMap((contact) =>
        contact.addresses.filter((address) => address.channel === channel).map((address) => address.addressHash.toString('hex')),
      ),
    );
  const expectReached = (pages: readonly WalkAudienceResponse[], more: readonly string[]): void => {
    const hashed = (addresses: readonly string[]): string[] =>
      addresses.map((address) => sealer.addressHash(address).toString('hex')).sort();
    expect(hashes(pages, 'sms').sort()).toEqual(hashed([...city.reach.sms, ...more]));
    expect(hashes(pages, 'email').sort()).toEqual(hashed(city.reach.email));
  };

  beforeAll(async () => {
    ground = await startGround();
    folder = mkdtempSync(join(tmpdir(), 'tocsin-subscribers-'));
    const generate = join(repositoryRoot(), 'tools', 'generate', 'dist', 'main.js');
    execFileSync(process.execPath, [generate, '--out', folder, '--seed', '5', '--city', '19000', '--towns', '0', '--communes', '0']);
    city = (JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { tenants: [Expected] }).tenants[0];
    file = readFileSync(join(folder, city.file));
    sealer = loadSealer(ground.keyFile);
    tenants = await startService('tenants', groundEnv(ground));
    env = { ...groundEnv(ground), TOCSIN_ADDRESSES_TENANTS: `127.0.0.1:${tenants.grpcPort}` };
    mongo = await connectMongo(ground.mongoUri, `${ground.prefix}subscribers`, deps);
    kafka = connectKafka({ brokers: ground.brokers, clientId: 'test', prefix: ground.prefix }, { ...deps, fail: failTest });
    await start();
    await start();
  });
  afterAll(async () => {
    for (const channel of [...channels, ...instances.map((instance) => instance.channel)]) channel.close();
    await Promise.all([...instances.map(({ process }) => process.kill()), tenants.kill()]);
    await kafka.close(5_000);
    await mongo.close();
    rmSync(folder, { recursive: true, force: true });
    await ground.stop();
  });

  it('imports 20,000 rows, and the same file again changes nothing', async () => {
    const tenantId = await newTenant('first');
    const contacts = city.recipients + city.refusedConsent + city.stops.length;
    const first = await importFile(0, tenantId, 'k1', file);
    expect(first).toMatchObject({
      rows: city.rows,
      created: contacts,
      updated: 0,
      unchanged: 0,
      merged: city.duplicates,
      refused: city.badRows,
    });
    const pages = await mongo.documents('pages');
    const versions = async (): Promise<unknown> =>
      (await pages.getMany(Array.from({ length: 80 }, (_, page) => `${tenantId}:general:${page}`))).map((page) => page?.v);
    const before = await versions();
    const again = await importFile(1, tenantId, 'k2', file);
    expect(again).toMatchObject({
      rows: city.rows,
      created: 0,
      updated: 0,
      unchanged: contacts,
      merged: city.duplicates,
      refused: city.badRows,
    });
    expect(await versions(), 'not a page was written').toEqual(before);
    expect(await importFile(1, tenantId, 'k1', file), 'a finished import is answered as it stands').toEqual(first);
    expect(await importFile(1, tenantId, 'k1', Buffer.alloc(0)), 'who sends no bytes asks how it ended').toEqual(first);
    await expect(importFile(0, tenantId, 'k1', Buffer.from('nom;portable\n')), 'another file is no repetition').rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      reason: 'IDEMPOTENCY_KEY_REUSED',
    });

    const registers = on(1).client(RegistersServiceDefinition);
    expect((await registers.getRegister({ tenantId, register: RegisterKind.GENERAL }, call)).register?.contacts).toBe(contacts);
    const verdicts = await registers.listVerdicts({ tenantId, importId: first.importId, pageSize: 500, pageToken: '' }, call);
    expect(verdicts.nextPageToken).toBe('500');
    expect(new Set(verdicts.verdicts.map(({ verdict }) => verdict))).toEqual(
      new Set(['REFUSED', 'MERGED', 'WARNED'].filter((kind) => verdicts.verdicts.some(({ verdict }) => verdict === kind))),
    );
    await expect(registers.getImport({ tenantId: 'ten_00000000000000000000000000', importId: first.importId }, call)).rejects.toMatchObject(
      { code: 'NOT_FOUND' },
    );

    const walked = await walk(0, tenantId);
    expectReached(walked, city.stops);
    expect(walked.flatMap((page) => page.notReachable)).toContainEqual(expect.objectContaining({ reason: 'NO_CONSENT' }));
    expect(walked.reduce((sum, page) => sum + page.contacts.length, 0)).toBe(city.recipients + city.stops.length);
    const half = walked[Math.floor(walked.length / 2)];
    expect(await walk(1, tenantId, half?.position), 'resumed on the other instance').toEqual(
      walked.slice(Math.floor(walked.length / 2) + 1),
    );
    expect((await walk(1, tenantId, walked.at(-1)?.position)).map((page) => [page.contacts.length, page.last])).toEqual([[0, true]]);

    const box = walked[0]?.contacts[0]?.addresses[0]?.box ?? Buffer.alloc(0);
    expect(sealer.open(walked[0]?.sealKey ?? { keyId: '', wrapped: Buffer.alloc(0) }, box).toString('latin1')).toMatch(/\+33|@/);
  });

  it('keeps a STOP through a re-import until START', async () => {
    const tenantId = await newTenant('stops');
    await importFile(0, tenantId, 'k1', file);
    const reply = async (numbers: readonly string[], kind: ReplyKind, at: number): Promise<void> =>
      kafka.producer().send(
        numbers.map((number) => {
          const addressHash = sealer.addressHash(number);
          const value = Reply.fromPartial({ channel: 'sms', addressHash, writtenTo: '36111', kind, tenantId, receivedAt: at });
          return record(TOPICS.replies.name, addressHash.toString('hex'), 'tocsin.channels.v1.Reply', value, { tenantId, occurredAt: at });
        }),
      );
    await reply(city.stops, ReplyKind.STOP, 1_000);
    const reached = async (): Promise<number> => hashes(await walk(1, tenantId), 'sms').length;
    await waitUntil('every STOP holds', async () => (await reached()) === city.reach.sms.length, 30_000);
    expectReached(await walk(0, tenantId), []);
    await importFile(1, tenantId, 'k2', Buffer.concat([file, Buffer.from('\n')]));
    expectReached(await walk(0, tenantId), []);
    await reply(city.stops, ReplyKind.START, 2_000);
    await waitUntil('every START lifts', async () => (await reached()) === city.reach.sms.length + city.stops.length, 30_000);
    await reply(city.stops, ReplyKind.STOP, 1_000);
    const marker = sealer.addressHash('+33639980000');
    await reply(['+33639980000'], ReplyKind.STOP, 3_000);
    const told: string[] = [];
    const tail = kafka.tail({
      name: 'told',
      topics: [{ topic: TOPICS.suppressions.name, from: 'beginning' }],
      onBatch: async (batch) => void told.push(...batch.records.map(({ key }) => key)),
    });
    await tail.start();
    await waitUntil('the last STOP is told', () => told.includes(`${tenantId}:sms:${marker.toString('hex')}`), 30_000);
    await tail.stop();
    const missing = city.stops.filter((number) => !told.includes(`${tenantId}:sms:${sealer.addressHash(number).toString('hex')}`));
    expect(missing, 'each is on the compacted topic').toEqual([]);
    expect(await reached(), 'an old STOP told again stays lifted').toBe(city.reach.sms.length + city.stops.length);
  });

  it('executes an unsubscribe, and refuses a forged one', async () => {
    const tenantId = await newTenant('unsubscribe');
    await importFile(0, tenantId, 'k1', file);
    const addressHash = sealer.addressHash(city.reach.email[0] ?? '');
    const suppressions = on(1).client(SuppressionsServiceDefinition);
    const token = sealer.unsubscribeToken({ tenantId, channel: 'email', addressHash, purpose: 'alert' });
    await suppressions.unsubscribe({ token }, call);
    await suppressions.unsubscribe({ token }, call);
    await waitUntil('it holds', async () => !hashes(await walk(0, tenantId), 'email').includes(addressHash.toString('hex')), 10_000);
    await expect(suppressions.unsubscribe({ token: `${token.slice(0, -4)}AAAA` }, call)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('shows one contact, erases it, and takes the person up again only by a new import', async () => {
    const tenantId = await newTenant('erase');
    await importFile(0, tenantId, 'k1', file);
    const place = { tenantId, register: RegisterKind.GENERAL, contactId: 'con_2_17' };
    const registers = on(0).client(RegistersServiceDefinition);
    const { contact } = await registers.getContact(place, call);
    expect(contact?.addresses[0]?.address).toMatch(/^\+33\d{9}$|@/);
    const count = async (): Promise<number | undefined> => (await registers.getRegister(place, call)).register?.contacts;
    const before = (await count()) ?? 0;
    await registers.eraseContact(place, call);
    await expect(registers.eraseContact(place, call)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(registers.getContact(place, call)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await count()).toBe(before - 1);
    const again = await importFile(1, tenantId, 'k2', file);
    expect(again).toMatchObject({ created: 1, unchanged: before - 1 });
    await expect(registers.getContact(place, call), 'the place is not given out again').rejects.toMatchObject({ code: 'NOT_FOUND' });
    expectReached(await walk(0, tenantId), city.stops);
  });

  it('takes the same file on both instances at once', async () => {
    const tenantId = await newTenant('twice at once');
    const both = await Promise.all([importFile(0, tenantId, 'k1', file), importFile(1, tenantId, 'k2', file)]);
    const contacts = city.recipients + city.refusedConsent + city.stops.length;
    expect(both.map(({ rows }) => rows)).toEqual([city.rows, city.rows]);
    expectReached(await walk(0, tenantId), city.stops);
    const { register } = await on(0).client(RegistersServiceDefinition).getRegister({ tenantId, register: RegisterKind.GENERAL }, call);
    expect(register?.contacts).toBe(contacts);
    expect(await importFile(0, tenantId, 'k3', file)).toMatchObject({ created: 0, updated: 0 });
  });

  it.each([150, 600, 1_500])('is killed %d ms into an import, and the same call on the other instance ends it', async (delay) => {
    const tenantId = await newTenant(`killed after ${delay}`);
    const victim = instances.length;
    await start();
    const cut = importFile(victim, tenantId, 'k1', file).then(
      () => 'finished',
      () => 'cut',
    );
    await new Promise((resolve) => setTimeout(resolve, delay));
    await instances[victim]?.process.kill();
    await cut;
    const rerun = await importFile(0, tenantId, 'k1', file);
    expect(rerun).toMatchObject({ state: ImportState.FINISHED, failure: '', refused: city.badRows });
    expectReached(await walk(1, tenantId), city.stops);
    expect(await importFile(1, tenantId, 'k2', file)).toMatchObject({ created: 0, updated: 0 });
  });

  it.each([
    { says: 'no known title', bytes: Buffer.from('a;b\n1;2\n'), reason: 'NO_USABLE_HEADER' },
    { says: 'an empty file', bytes: Buffer.alloc(0), reason: 'EMPTY_FILE' },
    { says: 'a spreadsheet', bytes: Buffer.from('504b0304aabbccdd', 'hex'), reason: 'UNREADABLE_FILE' },
  ])('refuses $says and makes no register', async ({ says, bytes, reason }) => {
    const tenantId = await newTenant(`bad: ${says}`);
    const error = await importFile(0, tenantId, 'k1', bytes).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TocsinError);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason });
    await expect(walk(0, tenantId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(
      await importFile(1, tenantId, 'k1', Buffer.from('nom;portable\nRoux;06 39 98 00 01\n')),
      'the mended file under the same key',
    ).toMatchObject({ created: 1 });
  });

  it('refuses a rule that says nothing, and never takes it for everyone', async () => {
    const tenantId = await newTenant('rules');
    await importFile(
      0,
      tenantId,
      'k1',
      Buffer.from('nom;portable;lat;lon;groupe;ville\nA;0639980001;45;4;Nord;X\nB;0639980002;46;5;Sud;X\nC;0639980003;;;Nord;Y\n'),
    );
    const ids = async (audience: Partial<Audience>): Promise<unknown> =>
      (await walk(0, tenantId, '', audience)).flatMap((page) => [
        ...page.contacts.map(({ contactId }) => contactId),
        ...page.notReachable.map(({ reason, count }) => `${count} ${reason}`),
      ]);
    expect(await ids({ everyone: true })).toEqual(['con_0_0', 'con_0_1', 'con_0_2']);
    expect(await ids({ groups: ['Nord'] })).toEqual(['con_0_0', 'con_0_2']);
    expect(await ids({ everyone: true, excludeGroups: ['Nord'] })).toEqual(['con_0_1']);
    expect(await ids({ attributes: [{ attribute: 'city', values: ['X'] }], excludeContactIds: ['con_0_0'] })).toEqual(['con_0_1']);
    expect(await ids({ zone: { ring: square(3.8, 44.8) } })).toEqual(['con_0_0', '1 NOT_LOCATABLE']);
    expect(await ids({ groups: ['Sud'], zone: { ring: square(3.8, 44.8) } })).toEqual([]);
    await expect(ids({})).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(ids({ zone: { ring: [] } })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(ids({ everyone: true, zone: { ring: square(0, 0).slice(1) } })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const estimate = await on(1)
      .client(AudienceServiceDefinition)
      .estimateAudience(
        {
          tenantId,
          audience: Audience.fromPartial({ register: RegisterKind.GENERAL, everyone: true }),
          channels: CHANNELS,
          purpose: 'alert',
          variables: [],
          samples: 9,
          templates: [{ channel: 'sms', costUnit: 'segment', literal: 'a'.repeat(160), variables: ['last_name'] }],
        },
        call,
      );
    expect(estimate).toMatchObject({ recipients: 3, samples: [{ variables: { last_name: 'A' } }, {}, {}] });
    expect(estimate.channels[0]).toEqual({ channel: 'sms', recipients: 3, cost: 6, histogram: [0, 3], unicode: 0 });
  });

  it('leaves no number and no mailbox in the database', async () => {
    const sensitive = [
      ...city.reach.sms.slice(0, 3_000).map((number) => number.slice(3)),
      ...city.reach.email.slice(0, 3_000),
      ...city.stops.map((number) => number.slice(3)),
    ];
    let bytes = 0;
    for (const name of COLLECTIONS) {
      const documents = await (await mongo.documents(name)).all();
      const text = documents.map((document) => spell(document)).join('\n');
      bytes += text.length;
      const digits = new Set(Array.from(text.matchAll(/(?=(\d{9}))/g), (match) => match[1]));
      const mailboxes = new Set(text.match(/[a-z0-9.]+@[a-z0-9.]+/g));
      const found = sensitive.filter((needle) => digits.has(needle) || mailboxes.has(needle));
      expect({ name, found }).toEqual({ name, found: [] });
    }
    expect(bytes, 'something was searched').toBeGreaterThan(1_000_000);
  });
});

function square(west: number, south: number): { longitude: number; latitude: number }[] {
  return [0, 0.5, 0.5, 0, 0].map((east, at) => ({ longitude: west + east, latitude: south + (at === 2 || at === 3 ? 0.5 : 0) }));
}

/** Everything a document says, bytes as Latin-1. */
function spell(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (Array.isArray(value)) return value.map(spell).join(' ');
  if (typeof value === 'object' && value !== null) return Object.values(value).map(spell).join(' ');
  return String(value);
}
