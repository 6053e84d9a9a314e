import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId, record, sliceKey, TOPICS } from '@tocsin/contracts';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignFinished, CampaignReleased } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { Lane, Status } from '@tocsin/contracts/common/v1/common';
import type { GrpcServer } from '@tocsin/grpc';
import { connectKafka, type KafkaConnection, partitionOf } from '@tocsin/kafka';
import { connectMongo, type MongoConnection } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import { failTest, groundEnv, type ServiceProcess, startGround, startService, type TestGround, waitUntil } from '@tocsin/testing';
import { PlanStore } from '../planner/plan-store.js';
import { startAudienceServer } from '../testing/audience-server.js';
import { TestChannel } from '../testing/test-channel.js';

const TENANT = newId('ten');
const RECIPIENTS = 700;
const SETTLES = 60_000;
const deps = createObservability({ service: 'test', instanceId: 'retention-test', logLevel: 'error' });

let ground: TestGround;
let kafka: KafkaConnection;
let mongo: MongoConnection;
let plans: PlanStore;
let audience: GrpcServer;
let sms: TestChannel;
const running: ServiceProcess[] = [];

beforeAll(async () => {
  ground = await startGround();
  kafka = connectKafka({ brokers: ground.brokers, clientId: 'retention-test', prefix: ground.prefix }, { ...deps, fail: failTest });
  await kafka.ensureTopics([TOPICS.campaignEvents, TOPICS.planned, TOPICS.due, TOPICS.manifests, TOPICS.capacity, TOPICS.plans]);
  audience = await startAudienceServer(
    new Map([[TENANT, { pageSize: 100, contacts: Array.from({ length: RECIPIENTS }, () => ['sms']) }]]),
    deps,
  );
  sms = new TestChannel('sms', kafka, 2_000);
  await sms.start();
  mongo = await connectMongo(ground.mongoUri, `${ground.prefix}routing`, deps);
  plans = await PlanStore.in(mongo);
});
afterAll(async () => {
  for (const service of running) await service.kill();
  await sms.stop();
  await audience.drain(1_000);
  await mongo.close();
  await kafka.close(5_000);
  await ground.stop();
});

async function start(days: number): Promise<ServiceProcess> {
  const service = await startService('routing', {
    ...groundEnv(ground),
    TOCSIN_ADDRESSES_SUBSCRIBERS: `127.0.0.1:${audience.port}`,
    TOCSIN_ADDRESSES_DELIVERIES: '127.0.0.1:1',
    TOCSIN_CLOCK_SHIFT_DAYS: String(days),
  });
  running.push(service);
  return service;
}

const released = (campaignId: string) =>
  record(
    TOPICS.campaignEvents.name,
    campaignId,
    'tocsin.campaigns.v1.CampaignReleased',
    CampaignReleased.fromPartial({
      campaign: {
        campaignId,
        tenantId: TENANT,
        title: 'Test',
        status: Status.TEST,
        lane: Lane.STANDARD,
        audience: { everyone: true },
        messages: [{ channel: 'sms', language: 'fr', body: 'Bonjour' }],
        channels: ['sms'],
        mode: Mode.PARALLEL,
        purpose: 'alert',
        expiresAt: Date.now() + 100 * 86_400_000,
        estimatedRecipients: RECIPIENTS,
        releasedAt: Date.now(),
        version: 3,
      },
      tenantWeight: 1,
    }),
    { tenantId: TENANT, occurredAt: Date.now(), epoch: 3 },
  );

/** An id whose events come behind those of the other: when it is planned, they were read. */
function neighbour(campaignId: string): string {
  const partition = (id: string): number => partitionOf(Buffer.from(id), TOPICS.campaignEvents.partitions);
  for (;;) {
    const id = newId('cmp');
    if (partition(id) === partition(campaignId)) return id;
  }
}

it('removes sealed parts three days after the finish, sends nothing when the release is read again, and forgets the plan when it cannot be', async () => {
  const campaignId = newId('cmp');
  const slices = async (): Promise<number> => {
    const keys = Array.from({ length: 10 }, (_, slice) => sliceKey(campaignId, slice));
    return (await plans.slices.getMany(keys)).filter((slice) => slice !== null).length;
  };
  const sent = (): number => sms.submitted.filter((item) => item.campaignId === campaignId).length;

  const first = await start(0);
  await kafka.producer().send([released(campaignId)]);
  await waitUntil('everybody is served', () => sent() === RECIPIENTS, SETTLES);
  const finished = CampaignFinished.fromPartial({ campaignId });
  await kafka
    .producer()
    .send([
      record(TOPICS.campaignEvents.name, campaignId, 'tocsin.campaigns.v1.CampaignFinished', finished, { tenantId: TENANT, occurredAt: 1 }),
    ]);
  await waitUntil(
    'it is listed',
    async () => {
      const pages = await Promise.all([0, 1, 2, 3, 4, 5].map((partition) => plans.finished.due(`sealed:${partition}`, 1e6)));
      return pages.some((page) => page?.ids.includes(campaignId) === true);
    },
    SETTLES,
  );
  expect(await slices()).toBeGreaterThan(2);
  await first.stop();

  const early = await start(2);
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  expect(await slices()).toBeGreaterThan(2);
  await early.stop();

  const later = await start(4);
  await waitUntil('its slices are gone', async () => (await slices()) === 0, SETTLES);
  await kafka.producer().send([released(campaignId)]);
  const other = neighbour(campaignId);
  await kafka.producer().send([released(other)]);
  await waitUntil('another is planned', async () => (await plans.get(other))?.closed?.recipients === RECIPIENTS, SETTLES);
  await waitUntil('nothing of the old one is open', async () => (await plans.openPlans()).every(({ _id }) => _id !== campaignId), SETTLES);
  expect(sent()).toBe(RECIPIENTS);
  expect(await slices()).toBe(0);
  expect((await plans.get(campaignId))?.trimmed).toBe(true);
  await later.stop();

  const last = await start(70);
  await waitUntil('its plan is gone', async () => (await plans.get(campaignId)) === null, SETTLES);
  expect(await plans.get(other)).not.toBeNull();
  await last.stop();
});
