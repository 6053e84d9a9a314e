import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOPICS, newId, record, unpackEnvelope, type OutgoingRecord } from '@tocsin/contracts';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignReleased, CampaignStopped } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { Lane, Status } from '@tocsin/contracts/common/v1/common';
import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { DueRecord } from '@tocsin/contracts/deliveries/v1/due';
import type { CampaignClosed, PlanClosed, PlannedSlice } from '@tocsin/contracts/deliveries/v1/planned';
import type { GrpcServer } from '@tocsin/grpc';
import { connectKafka, type KafkaConnection } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { failTest, groundEnv, startGround, startService, waitUntil, type ServiceProcess, type TestGround } from '@tocsin/testing';
import { startAudienceServer, type TestRegister } from './testing/audience-server.js';
import { TestChannel, type Granted } from './testing/test-channel.js';

/** ms a condition may take on a machine that does much else: what is asserted is what happens, not how fast. */
const SETTLES = 90_000;
/** ms a test with faults in it may take there. */
const LONG = 300_000;
const CITY = newId('ten');
const COMMUNE = newId('ten');
const PATIENT = newId('ten');
/** Calls a second of the slow channel: its plan may be ten seconds ahead, then name four times as many. */
const SLOW = 2;
const deps = createObservability({ service: 'test', instanceId: 'routing-test', logLevel: 'error' });

let ground: TestGround;
let kafka: KafkaConnection;
let audience: GrpcServer;
let sms: TestChannel;
let mail: TestChannel;
let voice: TestChannel;
const services: ServiceProcess[] = [];
const planned = new Map<string, PlannedSlice[]>();
const closed = new Map<string, PlanClosed[]>();
const ended = new Map<string, CampaignClosed[]>();
const registers = new Map<string, TestRegister>();

const send = (records: readonly OutgoingRecord[]): Promise<void> => kafka.producer().send(records);
const placeOf = (item: Granted): string => `${item.campaignId}.${item.slice}.${item.index}#${item.n}`;
const ofCampaign = (items: readonly Granted[], id: string): Granted[] => items.filter((item) => item.campaignId === id);
const distinct = (items: readonly Granted[]): number => new Set(items.map(placeOf)).size;

function push<T>(into: Map<string, T[]>, key: string, value: T): void {
  into.set(key, [...(into.get(key) ?? []), value]);
}

async function startRouting(): Promise<ServiceProcess> {
  const env = {
    ...groundEnv(ground),
    TOCSIN_ADDRESSES_SUBSCRIBERS: `127.0.0.1:${audience.port}`,
    TOCSIN_ADDRESSES_DELIVERIES: '127.0.0.1:1',
  };
  return startService('routing', env);
}

/** Releases a campaign as the campaigns service would, and answers its id. */
async function release(
  tenantId: string,
  recipients: number,
  options: { channels?: string[]; mode?: Mode; estimate?: number; expiresAt?: number } = {},
): Promise<string> {
  const campaignId = newId('cmp');
  const channels = options.channels ?? ['sms'];
  const now = Date.now();
  const event = CampaignReleased.fromPartial({
    campaign: {
      campaignId,
      tenantId,
      title: 'Test',
      status: Status.TEST,
      lane: Lane.STANDARD,
      audience: { everyone: true },
      messages: channels.map((channel) => ({ channel, language: 'fr', body: 'Bonjour {{ first_name }}' })),
      channels,
      mode: options.mode ?? Mode.PARALLEL,
      purpose: 'alert',
      expiresAt: options.expiresAt ?? now + 3_600_000,
      estimatedRecipients: options.estimate ?? recipients,
      previewedHash: 'hash',
      releasedAt: now,
      version: 3,
    },
    tenantWeight: 1,
  });
  await send([
    record(TOPICS.campaignEvents.name, campaignId, 'tocsin.campaigns.v1.CampaignReleased', event, { tenantId, occurredAt: now, epoch: 3 }),
  ]);
  return campaignId;
}

beforeAll(async () => {
  ground = await startGround();
  kafka = connectKafka({ brokers: ground.brokers, clientId: 'routing-test', prefix: ground.prefix }, { ...deps, fail: failTest });
  await kafka.ensureTopics([TOPICS.campaignEvents, TOPICS.planned, TOPICS.due, TOPICS.manifests, TOPICS.capacity, TOPICS.plans]);
  registers.set(CITY, { pageSize: 100, contacts: Array.from({ length: 1_900 }, (_, at) => (at % 50 === 49 ? [] : ['sms'])) });
  registers.set(COMMUNE, { pageSize: 100, contacts: Array.from({ length: 100 }, () => ['sms', 'mail']) });
  registers.set(PATIENT, { pageSize: 100, contacts: Array.from({ length: 1_900 }, () => ['voice']) });
  audience = await startAudienceServer(registers, deps);
  const tail = kafka.tail({
    name: 'routing-test',
    topics: [{ topic: TOPICS.planned.name, from: 'beginning' }],
    async onBatch(batch) {
      for (const { envelope } of batch.records) {
        if (!envelope) continue;
        const { type, value } = unpackEnvelope(envelope);
        if (type === 'tocsin.deliveries.v1.PlannedSlice') push(planned, value.campaignId, value);
        if (type === 'tocsin.deliveries.v1.PlanClosed') push(closed, value.campaignId, value);
        if (type === 'tocsin.deliveries.v1.CampaignClosed') push(ended, value.campaignId, value);
      }
    },
  });
  await tail.start();
  sms = new TestChannel('sms', kafka, 400);
  mail = new TestChannel('mail', kafka, 400);
  await sms.start();
  await mail.start();
  voice = new TestChannel('voice', kafka, SLOW, SLOW);
  await voice.start();
  services.push(...(await Promise.all([startRouting(), startRouting()])));
});

afterAll(async () => {
  for (const service of services) await service.kill();
  await sms.stop();
  await mail.stop();
  await voice.stop();
  await audience.drain(1_000);
  await kafka.close(5_000);
  await ground.stop();
});

describe('routing on the real ground', () => {
  it('plans a city and a commune, names every recipient once, and lets the commune pass', async () => {
    sms.rate = 200;
    const city = await release(CITY, 1_862);
    await waitUntil('the city runs', () => ofCampaign(sms.submitted, city).length > 200, SETTLES);
    const commune = await release(COMMUNE, 100);
    await waitUntil('the commune is served', () => ofCampaign(sms.submitted, commune).length === 100, SETTLES);
    await waitUntil('the city is served', () => ofCampaign(sms.submitted, city).length >= 1_862, SETTLES);

    // Served in its fair half: while the 100 of the commune left, the city had about 100 too, beside what the channel held already, and not its whole rest.
    const first = sms.submitted.findIndex((item) => item.campaignId === commune);
    const last = sms.submitted.findLastIndex((item) => item.campaignId === commune);
    expect(ofCampaign(sms.submitted.slice(first, last), city).length).toBeLessThan(400);
    for (const [id, recipients] of [
      [city, 1_862],
      [commune, 100],
    ] as const) {
      expect(ofCampaign(sms.granted, id)).toHaveLength(recipients);
      expect(distinct(ofCampaign(sms.granted, id))).toBe(recipients);
      const named = (planned.get(id) ?? []).flatMap((slice) => slice.recipients.map((one) => one.contactId));
      expect(new Set(named).size).toBe(recipients);
      await waitUntil('the plan is closed everywhere', () => (closed.get(id)?.length ?? 0) >= 6, SETTLES);
      expect(closed.get(id)?.[0]?.recipients).toBe(recipients);
    }
    expect(closed.get(city)?.[0]?.notReachable).toEqual([{ reason: 'NO_ADDRESS', count: 38 }]);
    // What was granted to an index is the contact the ledger knows under that index.
    const slice = planned.get(city)?.find((one) => one.slice === 2);
    const item = sms.granted.find((one) => one.campaignId === city && one.slice === 2 && one.index === 5);
    expect(item?.box).toBe(`sms:${slice?.recipients[5]?.contactId}`);
  });

  it(
    'loses nobody and grants nobody twice while each instance is killed in turn',
    async () => {
      // Slow enough that both are killed in the middle of it, takeovers included.
      sms.rate = 90;
      const city = await release(CITY, 1_862);
      for (const victim of [0, 1]) {
        const before = ofCampaign(sms.submitted, city).length;
        await waitUntil('it runs', () => ofCampaign(sms.submitted, city).length > before + 150, SETTLES);
        await services[victim]?.kill();
        // However long a start takes here, there must be something left for the next kill.
        sms.rate = 10;
        services[victim] = await startRouting();
        sms.rate = 90;
      }
      expect(ofCampaign(sms.submitted, city).length).toBeLessThan(1_862);
      sms.rate = 400;
      await waitUntil('everybody is served', () => distinct(ofCampaign(sms.submitted, city)) === 1_862, SETTLES);
      expect(ofCampaign(sms.granted, city)).toHaveLength(1_862);
      await waitUntil('the plan is closed', () => (closed.get(city)?.length ?? 0) >= 6, SETTLES);
      expect(new Set(closed.get(city)?.map((one) => one.recipients))).toEqual(new Set([1_862]));
    },
    LONG,
  );

  it(
    'loses nobody and grants nobody twice of many campaigns that share their records, while the owner of both is killed',
    async () => {
      sms.rate = 100;
      const before = sms.bundles;
      const many = await Promise.all(Array.from({ length: 12 }, () => release(COMMUNE, 100)));
      const items = (from: readonly Granted[]): Granted[] => from.filter(({ campaignId }) => many.includes(campaignId));
      for (const victim of [0, 1]) {
        const then = items(sms.submitted).length;
        await waitUntil('they run', () => items(sms.submitted).length > then + 100, SETTLES);
        await services[victim]?.kill();
        sms.rate = 10;
        services[victim] = await startRouting();
        sms.rate = 100;
      }
      expect(sms.bundles).toBeGreaterThan(before);
      expect(items(sms.submitted).length).toBeLessThan(1_200);
      sms.rate = 400;
      await waitUntil('everybody is served', () => distinct(items(sms.submitted)) === 1_200, SETTLES);
      expect(items(sms.granted)).toHaveLength(1_200);
    },
    LONG,
  );

  it(
    'grants nobody twice when an owner is frozen beyond its session and woken',
    async () => {
      sms.rate = 30;
      const city = await release(CITY, 1_862);
      const served = (): number => ofCampaign(sms.submitted, city).length;
      for (const frozen of services) {
        const before = served();
        await waitUntil('it runs', () => served() > before + 60, SETTLES);
        frozen.signal('SIGSTOP');
        const then = served();
        // Whoever owned the scheduler: the other one takes it over within the session's ten seconds.
        await new Promise((resolve) => setTimeout(resolve, 12_000));
        await waitUntil('the other one grants', () => served() > then + 120, SETTLES);
        frozen.signal('SIGCONT');
      }
      expect(served()).toBeLessThan(1_862);
      sms.rate = 400;
      await waitUntil('everybody is served', () => served() >= 1_862, SETTLES);
      expect(ofCampaign(sms.granted, city)).toHaveLength(1_862);
      expect(distinct(ofCampaign(sms.granted, city))).toBe(1_862);
    },
    LONG,
  );

  it('asks the next channel of an ordered campaign only when it is due', async () => {
    const campaign = await release(COMMUNE, 100, { channels: ['sms', 'mail'], mode: Mode.ORDER });
    await waitUntil('the first channel is served', () => ofCampaign(sms.submitted, campaign).length === 100, SETTLES);
    expect(ofCampaign(mail.granted, campaign)).toEqual([]);
    const due = DueRecord.fromPartial({
      campaignId: campaign,
      tenantId: COMMUNE,
      channel: 'mail',
      slice: 0,
      items: [
        { index: 3, n: 1 },
        { index: 9, n: 1 },
      ],
      dueAt: Date.now(),
      reason: 'ESCALATION',
    });
    const records = [record(TOPICS.due.name, 'mail', 'tocsin.deliveries.v1.DueRecord', due, { tenantId: COMMUNE, occurredAt: Date.now() })];
    await send([...records, ...records]);
    await waitUntil('the next one is asked', () => ofCampaign(mail.submitted, campaign).length === 2, SETTLES);
    expect(ofCampaign(mail.submitted, campaign).map((item) => item.index)).toEqual([3, 9]);
  });

  it('grants again what a channel gave back, under the same n', async () => {
    const returned = new Set<string>();
    sms.outcomeOf = (item) => {
      if (item.index >= 5 || returned.has(placeOf(item))) return Outcome.ACCEPTED;
      returned.add(placeOf(item));
      return Outcome.RETURNED;
    };
    const campaign = await release(COMMUNE, 100);
    await waitUntil('all and the returned are submitted', () => ofCampaign(sms.submitted, campaign).length === 105, SETTLES);
    expect(distinct(ofCampaign(sms.submitted, campaign))).toBe(100);
    sms.outcomeOf = () => Outcome.ACCEPTED;
  });

  it('closes a stopped campaign at its cursor, names what is outstanding, and grants nothing after it', async () => {
    // Slow enough that much is left when the stop has arrived.
    sms.rate = 60;
    const campaign = await release(CITY, 1_862);
    await waitUntil('it runs', () => ofCampaign(sms.submitted, campaign).length > 100, SETTLES);
    const event = CampaignStopped.fromPartial({ campaignId: campaign, reason: 'test' });
    await send([
      record(TOPICS.campaignEvents.name, campaign, 'tocsin.campaigns.v1.CampaignStopped', event, {
        tenantId: CITY,
        occurredAt: Date.now(),
        epoch: 4,
      }),
    ]);
    await waitUntil('every ledger partition knows', () => (ended.get(campaign)?.length ?? 0) >= 6, SETTLES);
    const close = ended.get(campaign)?.[0];
    sms.rate = 400;
    await waitUntil('the plan is named to its end all the same', () => (closed.get(campaign)?.length ?? 0) >= 6, SETTLES);
    const granted = ofCampaign(sms.granted, campaign);
    const beyond = granted.filter(
      (item) => item.slice > (close?.cursorSlice ?? 0) || (item.slice === close?.cursorSlice && item.index >= close.cursorIndex),
    );
    expect(close?.reason).toBe('CANCELLED');
    expect(beyond).toEqual([]);
    expect(granted.length).toBeLessThan(1_862);
    const places = new Set(granted.map((item) => `${campaign}.${item.slice}.${item.index}.sms`));
    expect(close?.outstanding.every((id) => places.has(id))).toBe(true);
    expect(closed.get(campaign)?.[0]?.recipients).toBe(1_862);
  });

  it('halts a plan that names more than three times what was approved', async () => {
    const campaign = await release(COMMUNE, 100, { estimate: 20 });
    const city = await release(COMMUNE, 100);
    await waitUntil('another plan of the tenant passes', () => ofCampaign(sms.submitted, city).length === 100, SETTLES);
    expect(ofCampaign(sms.granted, campaign)).toEqual([]);
    expect(closed.get(campaign)).toBeUndefined();

    // Stopped instead of confirmed, it is accounted for to its end, and nobody is sent anything.
    const event = CampaignStopped.fromPartial({ campaignId: campaign, reason: 'test' });
    const meta = { tenantId: COMMUNE, occurredAt: Date.now(), epoch: 4 };
    await send([record(TOPICS.campaignEvents.name, campaign, 'tocsin.campaigns.v1.CampaignStopped', event, meta)]);
    await waitUntil('the plan is closed', () => (closed.get(campaign)?.length ?? 0) >= 6, SETTLES);
    expect(closed.get(campaign)?.[0]?.recipients).toBe(100);
    expect(ofCampaign(sms.granted, campaign)).toEqual([]);
  });

  it('names a campaign some seconds ahead of its dispatch and no faster, and to its end as soon as it is stopped', async () => {
    const begun = Date.now();
    const campaign = await release(PATIENT, 1_900, { channels: ['voice'] });
    const named = (): number => (planned.get(campaign) ?? []).reduce((sum, slice) => sum + slice.recipients.length, 0);
    await waitUntil('it is named beyond its head start', () => named() > 10 * SLOW, SETTLES);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    // A slice of 250 may cross the line.
    expect(named()).toBeLessThanOrEqual(10 * SLOW + 250 + (4 * SLOW * (Date.now() - begun)) / 1_000);
    expect(closed.get(campaign)).toBeUndefined();

    const event = CampaignStopped.fromPartial({ campaignId: campaign, reason: 'test' });
    const meta = { tenantId: PATIENT, occurredAt: Date.now(), epoch: 4 };
    await send([record(TOPICS.campaignEvents.name, campaign, 'tocsin.campaigns.v1.CampaignStopped', event, meta)]);
    // At its pace it would take more than three minutes.
    await waitUntil('the plan is closed', () => (closed.get(campaign)?.length ?? 0) >= 6, SETTLES);
    expect(named()).toBe(1_900);
  });

  it('accounts for a plan that was halted and never confirmed once its campaign has expired', async () => {
    const campaign = await release(COMMUNE, 100, { estimate: 20, expiresAt: Date.now() + 5_000 });
    await waitUntil('the plan is closed', () => (closed.get(campaign)?.length ?? 0) >= 6, SETTLES);
    expect(closed.get(campaign)?.[0]?.recipients).toBe(100);
    await waitUntil('every ledger partition knows', () => (ended.get(campaign)?.length ?? 0) >= 6, SETTLES);
    expect(ended.get(campaign)?.[0]).toMatchObject({ reason: 'EXPIRED', cursorSlice: 0, cursorIndex: 0 });
    expect(ofCampaign(sms.granted, campaign)).toEqual([]);
  });
});
