import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LEDGER_PARTITIONS, newId, record, TOPICS, unpackEnvelope } from '@tocsin/contracts';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignReleased, type CampaignStop } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { Manifest } from '@tocsin/contracts/channels/v1/channels';
import { Lane, Status } from '@tocsin/contracts/common/v1/common';
import { PlannedSlice, type PlanClosed } from '@tocsin/contracts/deliveries/v1/planned';
import { openGrpcChannel, type GrpcChannel, type GrpcServer } from '@tocsin/grpc';
import { connectKafka, type BatchProducer, type KafkaConnection } from '@tocsin/kafka';
import { connectMongo, type MongoConnection } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import { failTest, startGround, waitUntil, type TestGround } from '@tocsin/testing';
import { ManifestBook } from '../manifests/manifest-book.js';
import { startAudienceServer, type TestRegister } from '../testing/audience-server.js';
import { Planner } from './planner.js';
import { plannerMetrics } from './planner-metrics.js';
import { PlanStore } from './plan-store.js';
import { ReleaseIntake } from './release-intake.js';

const RECIPIENTS = 700;
const SETTLES = 15_000;
const observed = createObservability({ service: 'test', instanceId: 'planning-restart-test', logLevel: 'error' });
const clock = { now: () => Date.now(), monotonic: () => performance.now() };
/** As a process that dies before Kafka has anything of it. */
const silent: BatchProducer = {
  send: () => new Promise(() => undefined),
  sendForOffsets: () => new Promise(() => undefined),
  close: async () => undefined,
};

let ground: TestGround;
let kafka: KafkaConnection;
let mongo: MongoConnection;
let plans: PlanStore;
let manifests: ManifestBook;
const servers: GrpcServer[] = [];
const channels: GrpcChannel[] = [];
const planned = new Map<string, PlannedSlice[]>();
const closed = new Map<string, PlanClosed[]>();
const stops = new Map<string, CampaignStop[]>();

beforeAll(async () => {
  ground = await startGround();
  kafka = connectKafka({ brokers: ground.brokers, clientId: 'planning-test', prefix: ground.prefix }, { ...observed, fail: failTest });
  await kafka.ensureTopics([TOPICS.campaignEvents, TOPICS.campaignStops, TOPICS.planned, TOPICS.plans, TOPICS.manifests]);
  const manifest = Manifest.fromPartial({ channel: 'sms', addressKinds: ['mobile'], costUnit: 'segment', shares: 4 });
  const meta = { tenantId: '', occurredAt: Date.now() };
  await kafka.producer().send([record(TOPICS.manifests.name, 'sms', 'tocsin.channels.v1.Manifest', manifest, meta)]);
  manifests = new ManifestBook(kafka, observed.logger);
  await manifests.start();
  mongo = await connectMongo(ground.mongoUri, `${ground.prefix}routing`, observed);
  plans = await PlanStore.in(mongo);
  const tail = kafka.tail({
    name: 'planning-test',
    topics: [
      { topic: TOPICS.planned.name, from: 'beginning' },
      { topic: TOPICS.campaignStops.name, from: 'beginning' },
    ],
    async onBatch({ records }) {
      for (const { envelope } of records) {
        const unpacked = envelope && unpackEnvelope(envelope);
        if (unpacked?.type === 'tocsin.deliveries.v1.PlannedSlice') push(planned, unpacked.value.campaignId, unpacked.value);
        if (unpacked?.type === 'tocsin.deliveries.v1.PlanClosed') push(closed, unpacked.value.campaignId, unpacked.value);
        if (unpacked?.type === 'tocsin.campaigns.v1.CampaignStop') push(stops, unpacked.value.campaignId, unpacked.value);
      }
    },
  });
  await tail.start();
});
afterAll(async () => {
  await manifests.stop();
  for (const channel of channels) channel.close();
  for (const server of servers) await server.drain(1_000);
  await kafka.close(5_000);
  await mongo.close();
  await ground.stop();
});

function push<T>(into: Map<string, T[]>, key: string, value: T): void {
  into.set(key, [...(into.get(key) ?? []), value]);
}

/** The subscribers service with this register for a tenant. */
async function registerOf(tenantId: string, pageSize: number): Promise<GrpcChannel> {
  const register: TestRegister = { pageSize, contacts: Array.from({ length: RECIPIENTS }, () => ['sms']) };
  const server = await startAudienceServer(new Map([[tenantId, register]]), observed);
  servers.push(server);
  const channel = openGrpcChannel({ addresses: [`127.0.0.1:${server.port}`] }, observed);
  channels.push(channel);
  return channel;
}

function plannerOver(subscribers: GrpcChannel, producer: BatchProducer = kafka.producer()): Planner {
  const { logger, metrics } = observed;
  return new Planner({
    store: plans,
    producer,
    subscribers,
    longWalks: subscribers,
    deliveries: subscribers,
    manifests,
    metrics: plannerMetrics(metrics),
    logger,
    clock,
  });
}

/** A release as a process that died right after had taken it up. */
async function takenUp(tenantId: string, estimatedRecipients = RECIPIENTS): Promise<string> {
  const campaignId = newId('cmp');
  const released = CampaignReleased.fromPartial({
    campaign: {
      campaignId,
      tenantId,
      title: 'Test',
      status: Status.TEST,
      lane: Lane.URGENT,
      audience: { everyone: true },
      messages: [{ channel: 'sms', language: 'fr', body: 'Bonjour' }],
      channels: ['sms'],
      mode: Mode.PARALLEL,
      purpose: 'alert',
      expiresAt: Date.now() + 3_600_000,
      estimatedRecipients,
      previewedHash: 'hash',
      releasedAt: Date.now(),
      version: 3,
    },
    tenantWeight: 1,
  });
  const started = { campaignId, tenantId, lane: Lane.URGENT, weight: 1 };
  expect(await plans.takeUp(started, Buffer.from(CampaignReleased.encode(released).finish()))).not.toBeNull();
  return campaignId;
}

const planOf = (campaignId: string, tenantId: string) => ({ campaignId, tenantId, lane: Lane.URGENT, weight: 1 });
const ended = (campaignId: string): Promise<void> =>
  waitUntil('the plan is closed', () => (closed.get(campaignId)?.length ?? 0) >= LEDGER_PARTITIONS, SETTLES);
/** Contacts as the ledger hears of them: of each slice what was announced first. */
const named = (campaignId: string): string[] => {
  const slices = new Map((planned.get(campaignId) ?? []).toReversed().map((slice) => [slice.slice, slice]));
  return [...slices.values()].flatMap(({ recipients }) => recipients.map(({ contactId }) => contactId));
};

describe('planning that was cut off', () => {
  it('a release taken up by a process that died is planned by whoever owns its partition next', async () => {
    const tenantId = newId('ten');
    const campaignId = await takenUp(tenantId);
    const planner = plannerOver(await registerOf(tenantId, 100));
    const { logger } = observed;
    const intake = new ReleaseIntake({ kafka, producer: kafka.producer(), store: plans, planner, logger, clock, finished: async () => {} });
    await intake.start();
    await ended(campaignId);
    expect(new Set(named(campaignId)).size).toBe(RECIPIENTS);
    await intake.stop();
    await planner.stop();
  });

  it('slices that were stored and never announced are announced as stored, and the next one begins behind them', async () => {
    const tenantId = newId('ten');
    const campaignId = await takenUp(tenantId);
    const dying = plannerOver(await registerOf(tenantId, 90), silent);
    dying.add(planOf(campaignId, tenantId));
    await waitUntil('it has stored', async () => (await plans.slice(campaignId, 1)) !== null, SETTLES);
    const planner = plannerOver(await registerOf(tenantId, 90));
    planner.add(planOf(campaignId, tenantId));
    await ended(campaignId);
    const contacts = named(campaignId);
    expect(contacts).toHaveLength(RECIPIENTS);
    expect(new Set(contacts).size).toBe(RECIPIENTS);
    const first = PlannedSlice.decode((await plans.slice(campaignId, 0))?.planned ?? Buffer.alloc(0));
    expect(planned.get(campaignId)?.find(({ slice }) => slice === 0)).toEqual(first);
    await planner.stop();
  });

  it('of two that cut the same slice differently one is stored, and both announce that one', async () => {
    const tenantId = newId('ten');
    const campaignId = await takenUp(tenantId);
    const planners = [plannerOver(await registerOf(tenantId, 100)), plannerOver(await registerOf(tenantId, 40))];
    for (const planner of planners) planner.add(planOf(campaignId, tenantId));
    await ended(campaignId);
    const announced = planned.get(campaignId) ?? [];
    const slices = Math.max(...announced.map(({ slice }) => slice)) + 1;
    for (let slice = 0; slice < slices; slice += 1) {
      const stored = PlannedSlice.decode((await plans.slice(campaignId, slice))?.planned ?? Buffer.alloc(0));
      for (const told of announced.filter((one) => one.slice === slice)) expect(told).toEqual(stored);
    }
    for (const planner of planners) await planner.stop();
  });

  it('an end that was decided and never told is told again', async () => {
    const tenantId = newId('ten');
    const campaignId = await takenUp(tenantId);
    await plans.update(campaignId, () => ({ acked: 3, closed: { slices: 3, recipients: RECIPIENTS, notReachable: [] } }));
    await plans.slices.insert({ _id: `${campaignId}:2`, v: 1, position: '2', total: RECIPIENTS, notReachable: [], planned: Buffer.alloc(0), sealKey: Buffer.alloc(0), channels: [] }); // prettier-ignore
    const planner = plannerOver(await registerOf(tenantId, 100));
    planner.add(planOf(campaignId, tenantId));
    await ended(campaignId);
    expect(closed.get(campaignId)?.[0]).toMatchObject({ slices: 3, recipients: RECIPIENTS });
    await waitUntil('the plan is done with', async () => !(await plans.openPlans()).some(({ _id }) => _id === campaignId), SETTLES);
    await planner.stop();
  });

  it('a halt that was stored and never told is told again, and nobody is named', async () => {
    const tenantId = newId('ten');
    const campaignId = await takenUp(tenantId, 10);
    await plans.update(campaignId, () => ({ halted: true }));
    const planner = plannerOver(await registerOf(tenantId, 100));
    planner.add(planOf(campaignId, tenantId));
    await waitUntil('its agents are asked', () => stops.has(campaignId), SETTLES);
    expect(stops.get(campaignId)?.[0]).toMatchObject({ reason: 'EXPANSION' });
    expect(planned.has(campaignId)).toBe(false);
    await planner.stop();
  });
});
