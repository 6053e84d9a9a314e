import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOPICS, newId, record, unpackEnvelope } from '@tocsin/contracts';
import { Mode, type Pace } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignReleased, StopKind, type CampaignStop } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { Lane, Status } from '@tocsin/contracts/common/v1/common';
import type { TenantLimits } from '@tocsin/contracts/tenants/v1/tenant';
import { TenantChanged } from '@tocsin/contracts/tenants/v1/tenants_service';
import type { GrpcServer } from '@tocsin/grpc';
import { connectKafka, type KafkaConnection } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { failTest, groundEnv, startGround, startService, waitUntil, type ServiceProcess, type TestGround } from '@tocsin/testing';
import { startAudienceServer, type TestRegister } from './testing/audience-server.js';
import { TestChannel, type Granted } from './testing/test-channel.js';

/** ms a condition may take on a machine that does much else: what is asserted is what happens, not how fast. */
const SETTLES = 90_000;
const LONG = 240_000;
const RESIDENTS = 400;
const deps = createObservability({ service: 'test', instanceId: 'limits-test', logLevel: 'error' });

let ground: TestGround;
let kafka: KafkaConnection;
let audience: GrpcServer;
let sms: TestChannel;
let routing: ServiceProcess;
const registers = new Map<string, TestRegister>();
const notices: CampaignStop[] = [];

const ofCampaign = (items: readonly Granted[], id: string): Granted[] => items.filter((item) => item.campaignId === id);
const inLane = (items: readonly Granted[], lane: Lane): number => items.filter((item) => item.lane === lane).length;
const quota = (unitsPerDay: number): TenantLimits => ({ lifeSafetyUnits: 0, quotas: [{ channel: 'sms', unitsPerDay, unitsPerMinute: 0 }] });

function startRouting(): Promise<ServiceProcess> {
  return startService('routing', {
    ...groundEnv(ground),
    TOCSIN_ADDRESSES_SUBSCRIBERS: `127.0.0.1:${audience.port}`,
    TOCSIN_ADDRESSES_DELIVERIES: '127.0.0.1:1',
  });
}

function newTenant(): string {
  const tenantId = newId('ten');
  registers.set(tenantId, { pageSize: 100, contacts: Array.from({ length: RESIDENTS }, () => ['sms']) });
  return tenantId;
}

/** Releases a campaign to everybody of the tenant, as the campaigns service would; answers its id. */
async function release(tenantId: string, options: { lane?: Lane; limits?: TenantLimits; pace?: Pace }): Promise<string> {
  const campaignId = newId('cmp');
  const now = Date.now();
  const event = CampaignReleased.fromPartial({
    campaign: {
      campaignId,
      tenantId,
      title: 'Test',
      status: Status.TEST,
      lane: options.lane ?? Lane.STANDARD,
      audience: { everyone: true },
      messages: [{ channel: 'sms', language: 'fr', body: 'Bonjour' }],
      channels: ['sms'],
      mode: Mode.PARALLEL,
      purpose: 'alert',
      expiresAt: now + 3_600_000,
      estimatedRecipients: RESIDENTS,
      previewedHash: 'hash',
      releasedAt: now,
      version: 3,
      ...(options.pace ? { pace: options.pace } : {}),
    },
    tenantWeight: 1,
    tenantVersion: 1,
    ...(options.limits ? { limits: options.limits } : {}),
  } as never);
  const meta = { tenantId, occurredAt: now, epoch: 3 };
  await kafka.producer().send([record(TOPICS.campaignEvents.name, campaignId, 'tocsin.campaigns.v1.CampaignReleased', event, meta)]);
  return campaignId;
}

async function restart(): Promise<void> {
  await routing.kill();
  routing = await startRouting();
}

beforeAll(async () => {
  ground = await startGround();
  kafka = connectKafka({ brokers: ground.brokers, clientId: 'limits-test', prefix: ground.prefix }, { ...deps, fail: failTest });
  await kafka.ensureTopics(Object.values(TOPICS));
  audience = await startAudienceServer(registers, deps);
  const tail = kafka.tail({
    name: 'limits-test',
    topics: [{ topic: TOPICS.campaignStops.name, from: 'beginning' }],
    async onBatch(batch) {
      for (const { envelope } of batch.records) {
        const unpacked = envelope ? unpackEnvelope(envelope) : undefined;
        if (unpacked?.type === 'tocsin.campaigns.v1.CampaignStop') notices.push(unpacked.value);
      }
    },
  });
  await tail.start();
  sms = new TestChannel('sms', kafka, 200);
  await sms.start();
  routing = await startRouting();
});

afterAll(async () => {
  await routing.kill();
  await sms.stop();
  await audience.drain(1_000);
  await kafka.close(5_000);
  await ground.stop();
});

describe('limits of a channel, with a routing service that is killed', () => {
  it(
    'a life-safety budget is filled by no crash: what is beyond goes on in standard, and its agents are told',
    async () => {
      const tenantId = newTenant();
      const limits = { lifeSafetyUnits: 500, quotas: [] };
      const first = await release(tenantId, { lane: Lane.LIFE_SAFETY, limits });
      await waitUntil('the first alert runs', () => ofCampaign(sms.submitted, first).length > 100, SETTLES);
      await restart();
      await waitUntil('it is complete', () => ofCampaign(sms.submitted, first).length === RESIDENTS, SETTLES);
      await restart();
      const second = await release(tenantId, { lane: Lane.LIFE_SAFETY, limits });
      await waitUntil('the second one is complete', () => ofCampaign(sms.submitted, second).length === RESIDENTS, SETTLES);
      const granted = [...ofCampaign(sms.granted, first), ...ofCampaign(sms.granted, second)];
      expect(inLane(granted, Lane.LIFE_SAFETY)).toBeGreaterThanOrEqual(500);
      // A unit flows back every 173 s.
      expect(inLane(granted, Lane.LIFE_SAFETY)).toBeLessThanOrEqual(505);
      expect(inLane(granted, Lane.STANDARD)).toBe(granted.length - inLane(granted, Lane.LIFE_SAFETY));
      const told = (): CampaignStop | undefined => notices.find(({ campaignId }) => campaignId === second);
      await waitUntil('its agents are told', () => told() !== undefined, SETTLES);
      expect(told()).toMatchObject({ kind: StopKind.NOTICE, reason: 'BEYOND_LIFE_SAFETY_BUDGET', channel: 'sms', lane: Lane.LIFE_SAFETY });
    },
    LONG,
  );

  it(
    'a quota is filled by no crash, and a new one lets a running campaign go on',
    async () => {
      const tenantId = newTenant();
      const campaign = await release(tenantId, { limits: quota(150) });
      await waitUntil('the quota is used', () => ofCampaign(sms.submitted, campaign).length >= 150, SETTLES);
      await restart();
      const other = await release(newTenant(), {});
      await waitUntil('others go on', () => ofCampaign(sms.submitted, other).length === RESIDENTS, SETTLES);
      expect(ofCampaign(sms.granted, campaign).length).toBeLessThanOrEqual(152);
      const tenant = { tenantId, version: 2, weight: 1, limits: quota(100_000) };
      const changed = record(TOPICS.tenantEvents.name, tenantId, 'tocsin.tenants.v1.TenantChanged', TenantChanged.fromPartial({ tenant }), {
        tenantId,
        occurredAt: Date.now(),
        epoch: 2,
      });
      await kafka.producer().send([changed]);
      await waitUntil('it goes on', () => ofCampaign(sms.submitted, campaign).length === RESIDENTS, SETTLES);
    },
    LONG,
  );

  it(
    'a paced campaign keeps its pace through a crash, to its last recipient',
    async () => {
      const tenantId = newTenant();
      const started = Date.now();
      const campaign = await release(tenantId, { pace: { perMinute: 1_200, spreadSeconds: 0 } });
      await waitUntil('it runs', () => ofCampaign(sms.granted, campaign).length > 60, SETTLES);
      await restart();
      await waitUntil('it is complete', () => ofCampaign(sms.granted, campaign).length === RESIDENTS, SETTLES);
      // 20 a second, and a tenth of a second's worth at once: 400 cannot be through before 19.9 s, however often routing starts anew.
      expect(Date.now() - started).toBeGreaterThanOrEqual(19_800);
      expect(new Set(ofCampaign(sms.granted, campaign).map(({ slice, index }) => `${slice}.${index}`)).size).toBe(RESIDENTS);
    },
    LONG,
  );
});
