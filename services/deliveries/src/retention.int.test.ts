import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attemptsTopic, channelTopicSpecs, LEDGER_PARTITIONS, newId, record, sliceKey, TOPICS } from '@tocsin/contracts';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { Manifest } from '@tocsin/contracts/channels/v1/channels';
import { AttemptRecord, Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { PlanClosed, PlannedSlice } from '@tocsin/contracts/deliveries/v1/planned';
import { type ReportsServiceClient, ReportsServiceDefinition } from '@tocsin/contracts/deliveries/v1/reports_service';
import { type DeadlineOptions, onBehalfOf, openGrpcChannel, serviceCaller } from '@tocsin/grpc';
import { connectKafka, type KafkaConnection } from '@tocsin/kafka';
import { connectMongo, type MongoConnection } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import { errorOf, failTest, groundEnv, type ServiceProcess, startGround, startService, type TestGround, waitUntil } from '@tocsin/testing';
import type { PartDocument } from './core/part-document.js';
import { type LedgerStore, openLedgerStore } from './ledger/ledger-store.js';

const TENANT = newId('ten');
const SLICES = 9;
const deps = createObservability({ service: 'test', instanceId: 'retention-test', logLevel: 'error' });
const asTenant = onBehalfOf({ ...serviceCaller('test'), tenantId: TENANT }, 10_000);
const SETTLES = 60_000;

let ground: TestGround;
let kafka: KafkaConnection;
let mongo: MongoConnection;
let store: LedgerStore;
const running: ServiceProcess[] = [];
const meta = () => ({ tenantId: TENANT, occurredAt: Date.now() });
const ids = Array.from({ length: SLICES }, (_, slice) => slice);

beforeAll(async () => {
  ground = await startGround();
  kafka = connectKafka({ brokers: ground.brokers, clientId: 'retention-test', prefix: ground.prefix }, { ...deps, fail: failTest });
  await kafka.ensureTopics([TOPICS.manifests, TOPICS.planned, TOPICS.tallies, TOPICS.due, ...channelTopicSpecs('sms', 4)]);
  const manifest = Manifest.fromPartial({ channel: 'sms', shares: 4, acceptedIsTerminal: true });
  await kafka
    .producer()
    .send([record(TOPICS.manifests.name, 'sms', 'tocsin.channels.v1.Manifest', manifest, { tenantId: '', occurredAt: 1 })]);
  const env = groundEnv(ground);
  mongo = await connectMongo(ground.mongoUri, `${env['TOCSIN_DATABASE_PREFIX'] ?? ''}deliveries`, deps);
  store = await openLedgerStore(mongo);
});
afterAll(async () => {
  for (const service of running) await service.kill();
  await mongo.close();
  await kafka.close(5_000);
  await ground.stop();
});

async function start(days: number): Promise<ServiceProcess> {
  const service = await startService('deliveries', {
    ...groundEnv(ground),
    TOCSIN_CLOCK_SHIFT_DAYS: String(days),
    // 2 ms of rest after 1 ms of work: a kill falls into the middle.
    TOCSIN_DELIVERIES_RETENTION_SHARE: '0.02',
  });
  running.push(service);
  return service;
}

async function call<T>(service: ServiceProcess, ask: (client: ReportsServiceClient<DeadlineOptions>) => Promise<T>): Promise<T> {
  const channel = openGrpcChannel({ addresses: [`127.0.0.1:${service.grpcPort}`] }, deps);
  try {
    return await ask(channel.client(ReportsServiceDefinition));
  } finally {
    channel.close();
  }
}

const attempt = (campaignId: string, slice: number) =>
  record(
    attemptsTopic('sms'),
    sliceKey(campaignId, slice),
    'tocsin.deliveries.v1.AttemptRecord',
    AttemptRecord.fromPartial({
      campaignId,
      tenantId: TENANT,
      slice,
      channel: 'sms',
      attempts: [0, 1, 2].map((index) => ({ index, n: 1, outcome: Outcome.ACCEPTED, submittedAt: Date.now(), answeredAt: Date.now() })),
    }),
    meta(),
  );

/** A campaign of three recipients a slice, all of them reached. */
async function send(campaignId: string, recipientDays?: number): Promise<void> {
  const planned = ids.map((slice) =>
    record(
      TOPICS.planned.name,
      sliceKey(campaignId, slice),
      'tocsin.deliveries.v1.PlannedSlice',
      PlannedSlice.fromPartial({
        campaignId,
        tenantId: TENANT,
        slice,
        mode: Mode.PARALLEL,
        recipients: [0, 1, 2].map((index) => ({ index, contactId: `con_${slice}_${index}`, channels: ['sms'] })),
        expiresAt: Date.now() + 3_600_000,
      }),
      meta(),
    ),
  );
  const closed = PlanClosed.fromPartial({ campaignId, tenantId: TENANT, slices: SLICES, recipients: SLICES * 3, recipientDays });
  const ends = Array.from({ length: LEDGER_PARTITIONS }, (_, partition) =>
    record(TOPICS.planned.name, campaignId, 'tocsin.deliveries.v1.PlanClosed', closed, meta(), partition),
  );
  await kafka.producer().send([...planned, ...ends, ...ids.map((slice) => attempt(campaignId, slice))]);
}

async function slicesLeft(campaignId: string): Promise<number> {
  return (await store.slices.getMany(ids.map((slice) => sliceKey(campaignId, slice)))).filter((slice) => slice !== null).length;
}

async function partsOf(campaignId: string): Promise<PartDocument[]> {
  const keys = Array.from({ length: LEDGER_PARTITIONS }, (_, partition) => `${campaignId}:${partition}`);
  return (await store.parts.getMany(keys)).filter((part) => part !== null);
}

describe('the retention of recipients', () => {
  it('removes them when their days are over, across a kill, keeps the counts, and takes nothing of a younger campaign', async () => {
    const campaignId = newId('cmp');
    const first = await start(0);
    const brief = newId('cmp');
    await send(campaignId);
    // Of a tenant that keeps its recipients for 40 days only.
    await send(brief, 40);
    const tally = () => call(first, (client) => client.getTally({ tenantId: TENANT, campaignId }, asTenant));
    await waitUntil('the end', async () => (await tally()).tally?.terminal === SLICES * 3, SETTLES);
    const counted = await tally();
    await waitUntil(
      'the end of the other',
      async () => (await partsOf(brief)).every(({ timers }) => timers.every((byte) => byte === 0)) && (await slicesLeft(brief)) === SLICES,
      SETTLES,
    );
    // Stopped in order: a slice that was written again later would come back from the topics of this test.
    await first.stop();

    const early = await start(399);
    const young = newId('cmp');
    await send(young);
    await waitUntil('the younger', async () => (await slicesLeft(young)) === SLICES, SETTLES);
    const read = await call(early, (client) => client.listRecipients({ tenantId: TENANT, campaignId, pageSize: 100 } as never, asTenant));
    expect(read.recipients).toHaveLength(SLICES * 3);
    await waitUntil('what is kept for 40 days is gone', async () => (await slicesLeft(brief)) === 0, SETTLES);
    expect(await slicesLeft(campaignId)).toBe(SLICES);
    await early.stop();

    const killed = await start(401);
    await waitUntil('some slices gone', async () => (await slicesLeft(campaignId)) < SLICES, SETTLES);
    await killed.kill();
    const last = await start(401);
    await waitUntil(
      'the parts empty',
      async () => (await partsOf(campaignId)).every(({ trimmed, numbers }) => trimmed && numbers.length === 0),
      SETTLES,
    );
    expect(await slicesLeft(campaignId)).toBe(0);
    expect(await call(last, (client) => client.getTally({ tenantId: TENANT, campaignId }, asTenant))).toEqual(counted);
    const refused = await errorOf(call(last, (client) => client.listRecipients({ tenantId: TENANT, campaignId } as never, asTenant)));
    expect(refused).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'RECIPIENTS_TRIMMED' });

    // What comes once more about them brings nobody back.
    await kafka.producer().send(ids.map((slice) => attempt(campaignId, slice)));
    const fresh = newId('cmp');
    await send(fresh);
    await waitUntil('the fresh', async () => (await slicesLeft(fresh)) === SLICES, SETTLES);
    expect(await slicesLeft(campaignId)).toBe(0);
    expect(await slicesLeft(young)).toBe(SLICES);
    await last.stop();
  });
});
