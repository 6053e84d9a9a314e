import { TOPICS } from '@tocsin/contracts';
import { CampaignsServiceDefinition } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { AudienceServiceDefinition } from '@tocsin/contracts/subscribers/v1/audience';
import { DirectoryServiceDefinition, TenantsServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import { openGrpcChannel, serve, startGrpcServer } from '@tocsin/grpc';
import { connectKafka } from '@tocsin/kafka';
import { connectMongo, openAggregateStore, openIdLists, STORE_PATIENCE } from '@tocsin/mongo';
import { runService } from '@tocsin/service-kit';
import { Campaigns } from './campaigns.js';
import { ChannelRegistry } from './channel-registry.js';
import { SETTINGS } from './config.js';
import { type CampaignRecord, readRecord } from './core/campaign-record.js';
import { EXPANSION, holdCampaign } from './core/decide/hold-campaign.js';
import { noticeCampaign } from './core/decide/notice-campaign.js';
import { ChannelLoads } from './forecast/channel-loads.js';
import { Forecaster } from './forecast/forecaster.js';
import { Forecasts } from './forecast/forecasts.js';
import { campaignsService } from './rpc/campaigns-service.js';
import { isSuspended } from './rpc/fetch-tenant.js';
import { Scheduler, type ScheduleMarker } from './schedule/scheduler.js';
import { storeTally } from './tallies/store-tally.js';
import { TallyConsumer } from './tallies/tally-consumer.js';
import type { TallyDocument } from './tallies/tally-document.js';
import { Changes } from './watch/changes.js';

await runService({
  name: 'campaigns',
  settings: SETTINGS,
  peers: ['tenants', 'subscribers'],
  async start(context) {
    const { platform, config, logger, clock, health, drain } = context;
    const now = (): number => clock.now();
    const kafka = connectKafka({ ...platform.kafka, clientId: context.instanceId }, context);
    await kafka.ensureTopics([
      TOPICS.campaignEvents,
      TOPICS.campaignStops,
      TOPICS.tallies,
      TOPICS.manifests,
      TOPICS.backlogs,
      TOPICS.operatorControls,
    ]);
    const producer = kafka.producer();
    const mongo = await connectMongo(platform.mongo, `${platform.databasePrefix}campaigns`, context, STORE_PATIENCE);
    const store = await openAggregateStore<CampaignRecord>(mongo, {
      collection: 'campaigns',
      publish: (records) => producer.send(records),
      logger,
      now,
      traceparent: () => context.tracing.current(),
    });
    const tallies = await mongo.documents<TallyDocument>('tallies');
    const markers = await mongo.documents<ScheduleMarker>('schedule');
    const lists = await openIdLists(mongo, 'lists');
    const tenants = openGrpcChannel({ service: 'tenants', addresses: platform.addresses('tenants'), tls: platform.links }, context);
    const subscribers = openGrpcChannel(
      { service: 'subscribers', addresses: platform.addresses('subscribers'), tls: platform.links },
      context,
    );

    const directory = tenants.client(TenantsServiceDefinition);

    const registry = new ChannelRegistry(kafka);
    await registry.start();
    const changes = new Changes();
    const loads: ChannelLoads = new ChannelLoads(kafka, now(), (backlog) => forecaster.heard(backlog));
    const forecaster: Forecaster = new Forecaster({
      backlogOf: (channel) => loads.of(channel),
      isHeld: (campaign) => loads.controls.heldUntil(campaign, now()) > now(),
      now,
    });
    const forecasts = new Forecasts(forecaster, context);
    await loads.start();
    const consumer = new TallyConsumer({
      kafka,
      logger,
      able: () => mongo.healthy(),
      store: (campaignId, parts) => storeTally(campaignId, parts, { tallies, campaigns: store, now }),
      changed: (campaignId) => changes.notify(campaignId),
      async held(campaignId) {
        await store.update(campaignId, (stored) => holdCampaign(readRecord(stored)));
        changes.notify(campaignId);
        logger.warn('campaigns.held', { campaignId, reason: EXPANSION });
      },
      async noticed(campaignId, notice) {
        await store.update(campaignId, (stored) => noticeCampaign(readRecord(stored), notice));
        changes.notify(campaignId);
      },
    });
    await consumer.start();
    const scheduler = new Scheduler({ markers, store, changes, logger, now, isSuspended: (tenantId) => isSuspended(directory, tenantId) });
    scheduler.start();
    const service = campaignsService({
      campaigns: new Campaigns({ store, tallies, changes, forecastOf: (campaign) => forecasts.running(campaign), now }),
      store,
      lists,
      changes,
      tenants: directory,
      directory: tenants.client(DirectoryServiceDefinition),
      audience: subscribers.client(AudienceServiceDefinition),
      forecasts,
      manifestOf: (channel) => registry.manifestOf(channel),
      planStart: (campaignId, at) => scheduler.plan(campaignId, at),
      lastReleaseBeside: platform.records !== 'current',
      now,
    });
    const server = await startGrpcServer(
      {
        host: platform.bindHost,
        port: config.grpcPort,
        services: [serve(CampaignsServiceDefinition, service)],
        authenticate: 'caller',
        tls: platform.links,
      },
      context,
    );

    health.readyWhen('store', () => mongo.healthy());
    health.readyWhen('kafka', () => kafka.healthy());
    // While no broker answers, it waits for one: a restart would change nothing.
    health.aliveWhile('tallies', { pending: () => consumer.hasWork() && kafka.healthy(), progress: () => consumer.progress });
    drain.on('stop-intake', 'grpc', (deadline) => server.drain(deadline));
    drain.on('finish', 'schedule', () => scheduler.stop());
    drain.on('finish', 'tallies', () => consumer.stop());
    drain.on('commit', 'outbox', () => store.stop());
    drain.on('commit', 'channels', () => registry.stop());
    drain.on('commit', 'loads', () => loads.stop());
    drain.on('close', 'peers', async () => [tenants, subscribers].forEach((peer) => peer.close()));
    drain.on('close', 'kafka', (deadline) => kafka.close(deadline));
    drain.on('close', 'store', () => mongo.close());
  },
});
