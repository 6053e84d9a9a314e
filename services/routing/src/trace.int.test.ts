import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOPICS, channelTopicSpecs, grantedTopics, newId, record } from '@tocsin/contracts';
import { CampaignReleased } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { Lane, Status } from '@tocsin/contracts/common/v1/common';
import type { GrpcServer } from '@tocsin/grpc';
import { connectKafka, type KafkaConnection } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { failTest, groundEnv, startGround, startService, waitUntil, type ServiceProcess, type TestGround } from '@tocsin/testing';
import { startAudienceServer } from './testing/audience-server.js';
import { TestChannel } from './testing/test-channel.js';

const TENANT = newId('ten');
/** Several slices and seconds of granting: longer than the call that released it. */
const RECIPIENTS = 700;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const deps = createObservability({ service: 'test', instanceId: 'trace-test', logLevel: 'error' });

describe('the trace of a release', () => {
  let ground: TestGround;
  let kafka: KafkaConnection;
  let audience: GrpcServer;
  let channel: TestChannel;
  const services: ServiceProcess[] = [];
  /** Trace ids by topic. */
  const traces = new Map<string, Set<string>>();

  beforeAll(async () => {
    ground = await startGround();
    kafka = connectKafka({ brokers: ground.brokers, clientId: 'trace-test', prefix: ground.prefix }, { ...deps, fail: failTest });
    await kafka.ensureTopics([TOPICS.campaignEvents, TOPICS.plans, TOPICS.planned, TOPICS.due, ...channelTopicSpecs('sms', 4)]);
    const contacts = Array.from({ length: RECIPIENTS }, () => ['sms']);
    audience = await startAudienceServer(new Map([[TENANT, { pageSize: 100, contacts }]]), deps);
    channel = new TestChannel('sms', kafka, 400);
    await channel.start();
    const topics = [TOPICS.plans.name, TOPICS.planned.name, ...grantedTopics('sms')];
    const tail = kafka.tail({
      name: 'trace-test',
      topics: topics.map((topic) => ({ topic, from: 'beginning' as const })),
      async onBatch({ topic, records }) {
        const seen = traces.get(topic) ?? new Set();
        traces.set(topic, seen);
        for (const { envelope } of records) if (envelope?.tenantId === TENANT) seen.add(envelope.traceparent.slice(3, 35));
      },
    });
    await tail.start();
    services.push(await start());
  });
  afterAll(async () => {
    for (const service of services) await service.kill();
    await channel.stop();
    await audience.drain(1_000);
    await kafka.close(5_000);
    await ground.stop();
  });

  it('is on every record planned and granted for it, also after the process that took it up was killed', async () => {
    const campaignId = newId('cmp');
    const now = Date.now();
    const event = CampaignReleased.fromPartial({
      campaign: {
        campaignId,
        tenantId: TENANT,
        status: Status.TEST,
        lane: Lane.STANDARD,
        audience: { everyone: true },
        messages: [{ channel: 'sms', language: 'fr', body: 'Bonjour' }],
        channels: ['sms'],
        purpose: 'alert',
        expiresAt: now + 3_600_000,
        estimatedRecipients: RECIPIENTS,
        previewedHash: 'hash',
        releasedAt: now,
        version: 3,
      },
      tenantWeight: 1,
    });
    const meta = { tenantId: TENANT, occurredAt: now, epoch: 3, traceparent: `00-${TRACE}-b7ad6b7169203331-01` };
    await kafka.producer().send([record(TOPICS.campaignEvents.name, campaignId, 'tocsin.campaigns.v1.CampaignReleased', event, meta)]);
    await waitUntil('some is granted', () => channel.granted.length > 0, 20_000);
    await services[0]?.kill();
    services[0] = await start();
    await waitUntil(
      'all is granted',
      () => new Set(channel.granted.map((item) => `${item.slice}.${item.index}`)).size === RECIPIENTS,
      40_000,
    );

    for (const topic of [TOPICS.plans.name, TOPICS.planned.name, 'delivery.granted.sms.standard.v1']) {
      expect({ topic, traces: [...(traces.get(topic) ?? [])] }).toEqual({ topic, traces: [TRACE] });
    }
  }, 90_000);

  function start(): Promise<ServiceProcess> {
    return startService('routing', {
      ...groundEnv(ground),
      TOCSIN_ADDRESSES_SUBSCRIBERS: `127.0.0.1:${audience.port}`,
      TOCSIN_ADDRESSES_DELIVERIES: '127.0.0.1:1',
    });
  }
});
