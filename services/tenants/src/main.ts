import { randomBytes } from 'node:crypto';
import { TOPICS } from '@tocsin/contracts';
import { startGrpcServer } from '@tocsin/grpc';
import { connectKafka } from '@tocsin/kafka';
import { connectMongo } from '@tocsin/mongo';
import { loadSealer } from '@tocsin/sealing';
import { runService } from '@tocsin/service-kit';
import { settings } from './config.js';
import { tenantServices } from './services.js';
import { openStores } from './stores/stores.js';

await runService({
  name: 'tenants',
  settings,
  async start(context) {
    const { platform, config, logger, clock, health, drain } = context;
    const sealer = loadSealer(platform.keyFile);
    const kafka = connectKafka({ ...platform.kafka, clientId: context.instanceId }, context);
    await kafka.ensureTopics([TOPICS.tenantEvents]);
    const producer = kafka.producer();
    const mongo = await connectMongo(platform.mongo, `${platform.databasePrefix}tenants`, context);
    const stores = await openStores(mongo, {
      publish: (records) => producer.send(records),
      logger,
      now: () => clock.now(),
      traceparent: () => context.tracing.current(),
    });
    const parts = { stores, sealer, now: () => clock.now(), random: (bytes: number) => randomBytes(bytes) };
    const server = await startGrpcServer(
      { host: platform.bindHost, port: config.grpcPort, services: tenantServices(parts), authenticate: 'caller', tls: platform.links },
      context,
    );

    health.readyWhen('store', () => mongo.healthy());
    health.readyWhen('kafka', () => kafka.healthy());
    drain.on('stop-intake', 'grpc', (deadlineMs) => server.drain(deadlineMs));
    drain.on('commit', 'outbox', () => stores.tenants.stop());
    drain.on('close', 'kafka', (deadlineMs) => kafka.close(deadlineMs));
    drain.on('close', 'mongo', () => mongo.close());
  },
});
