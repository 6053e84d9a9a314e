import { TOPICS } from '@tocsin/contracts';
import { ReportsServiceDefinition } from '@tocsin/contracts/deliveries/v1/reports_service';
import { serve, startGrpcServer } from '@tocsin/grpc';
import { connectKafka } from '@tocsin/kafka';
import { connectMongo, STORE_PATIENCE } from '@tocsin/mongo';
import { runService } from '@tocsin/service-kit';
import { ChannelRegistry } from './channel-registry.js';
import { SETTINGS } from './config.js';
import { DatabaseBudget } from './ledger/database-budget.js';
import { Ledger } from './ledger/ledger.js';
import { ledgerMetrics } from './ledger/ledger-metrics.js';
import { openLedgerStore } from './ledger/ledger-store.js';
import { reportsService } from './reports/reports-service.js';
import { retention } from './retention/retention.js';

await runService({
  name: 'deliveries',
  settings: SETTINGS,
  async start(context) {
    const { platform, config, logger, clock, health, drain } = context;
    const mongo = await connectMongo(platform.mongo, `${platform.databasePrefix}deliveries`, context, STORE_PATIENCE);
    const kafka = connectKafka({ ...platform.kafka, clientId: context.instanceId }, context);
    await kafka.ensureTopics([TOPICS.planned, TOPICS.manifests, TOPICS.tallies, TOPICS.due]);
    const store = await openLedgerStore(mongo);

    const channels: ChannelRegistry = new ChannelRegistry({ kafka, logger, onNewChannel: () => ledger.setTopics(channels.topics()) });
    await channels.start();
    const ledger: Ledger = new Ledger(
      {
        kafka,
        producer: kafka.producer(),
        store,
        rulesOf: (channel) => channels.rulesOf(channel),
        budget: new DatabaseBudget(config.databaseShare),
        metrics: ledgerMetrics(context.metrics),
        clock,
        logger,
        able: () => mongo.healthy(),
        recipientDays: config.recipientDays,
      },
      channels.topics(),
    );
    await ledger.start();
    const sweep = retention({ ledger, store, share: config.retentionShare, clock, metrics: context.metrics, logger });
    sweep.start();
    const server = await startGrpcServer(
      {
        host: platform.bindHost,
        port: config.grpcPort,
        services: [serve(ReportsServiceDefinition, reportsService(store))],
        authenticate: 'caller',
        tls: platform.links,
      },
      context,
    );

    health.readyWhen('store', () => mongo.healthy());
    health.readyWhen('kafka', () => kafka.healthy());
    // While no broker takes what it tells, it waits for one: a restart would change nothing.
    health.aliveWhile('ledger', { pending: () => ledger.hasWork() && kafka.healthy(), progress: () => ledger.progress });
    drain.on('stop-intake', 'grpc', (deadline) => server.drain(deadline));
    drain.on('finish', 'retention', () => sweep.stop());
    drain.on('finish', 'ledger', () => ledger.stop());
    drain.on('commit', 'channels', () => channels.stop());
    drain.on('close', 'kafka', (deadline) => kafka.close(deadline));
    drain.on('close', 'store', () => mongo.close());
  },
});
