import { randomBytes } from 'node:crypto';
import { TOPICS } from '@tocsin/contracts';
import type { Manifest } from '@tocsin/contracts/channels/v1/channels';
import { startGrpcServer } from '@tocsin/grpc';
import { connectKafka, readManifests } from '@tocsin/kafka';
import { connectMongo, STORE_PATIENCE } from '@tocsin/mongo';
import { loadAuditMac, loadSealer } from '@tocsin/sealing';
import { runService } from '@tocsin/service-kit';
import { settings } from './config.js';
import { AuditHeads } from './audit/audit-heads.js';
import { AuditTrail } from './audit/audit-trail.js';
import { Controls } from './operations/controls.js';
import { tenantServices } from './services.js';
import { openStores } from './stores/stores.js';

await runService({
  name: 'tenants',
  settings,
  async start(context) {
    const { platform, config, logger, clock, health, drain } = context;
    const sealer = loadSealer(platform.keyFile);
    const kafka = connectKafka({ ...platform.kafka, clientId: context.instanceId }, context);
    await kafka.ensureTopics([TOPICS.tenantEvents, TOPICS.operatorControls, TOPICS.manifests, TOPICS.auditHeads]);
    const producer = kafka.producer();
    const mongo = await connectMongo(platform.mongo, `${platform.databasePrefix}tenants`, context, STORE_PATIENCE);
    const stores = await openStores(mongo, {
      publish: (records) => producer.send(records),
      logger,
      now: () => clock.now(),
      traceparent: () => context.tracing.current(),
    });
    const manifests = new Map<string, Manifest>();
    const announcements = readManifests(kafka, 'tenants-manifests', (changes) => {
      for (const { channel, manifest } of changes) {
        if (manifest) manifests.set(channel, manifest);
        else manifests.delete(channel);
      }
    });
    await announcements.start();
    const mac = loadAuditMac(platform.keyFile);
    const heads = new AuditHeads({
      documents: stores.auditHeads,
      publish: (records) => producer.send(records),
      mac,
      now: () => clock.now(),
      logger,
    });
    const trail = new AuditTrail(stores, mac, (scope, seq, hash) => heads.grown(scope, seq, hash));
    const controls = new Controls(stores.controls);
    const parts = { stores, controls, manifests, sealer, now: () => clock.now(), random: (bytes: number) => randomBytes(bytes) };
    const server = await startGrpcServer(
      {
        host: platform.bindHost,
        port: config.grpcPort,
        services: tenantServices(parts, trail),
        authenticate: 'caller',
        tls: platform.links,
      },
      context,
    );

    health.readyWhen('store', () => mongo.healthy());
    health.readyWhen('kafka', () => kafka.healthy());
    drain.on('stop-intake', 'grpc', (deadlineMs) => server.drain(deadlineMs));
    drain.on('commit', 'audit heads', () => heads.stop());
    drain.on('commit', 'outbox', async () => void (await Promise.all([stores.tenants.stop(), stores.controls.stop()])));
    drain.on('close', 'manifests', () => announcements.stop());
    drain.on('close', 'kafka', (deadlineMs) => kafka.close(deadlineMs));
    drain.on('close', 'mongo', () => mongo.close());
  },
});
