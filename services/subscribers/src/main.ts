import { TOPICS } from '@tocsin/contracts';
import { TenantsServiceDefinition, type Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError, notFound } from '@tocsin/errors';
import { onBehalfOf, openGrpcChannel, startGrpcServer } from '@tocsin/grpc';
import { connectKafka } from '@tocsin/kafka';
import { connectMongo, openAggregateStore, STORE_PATIENCE } from '@tocsin/mongo';
import { loadSealer } from '@tocsin/sealing';
import { runService, port } from '@tocsin/service-kit';
import { eraseContact, type EraseIntent } from './contacts/erase-contact.js';
import type { ImportAggregate } from './importing/import-state.js';
import { RowBudget } from './importing/row-budget.js';
import { VerdictStore, type VerdictDocument } from './importing/verdict-store.js';
import { Intents, type IntentDocument } from './intents.js';
import { claimCodec } from './register/claims.js';
import { HashBuckets, type BucketDocument } from './register/hash-buckets.js';
import { Heads, type HeadDocument, type TenantFacts } from './register/heads.js';
import { Pages, type PageDocument } from './register/pages.js';
import { Summaries, type SummaryDocument } from './register/summaries.js';
import { services } from './services.js';
import { executeReplies } from './suppressions/replies.js';
import { suppressionCodec } from './suppressions/suppression-codec.js';
import { Suppressions } from './suppressions/suppressions.js';
import { LANES } from './turns/lanes.js';
import { StoreTurns } from './turns/store-turns.js';
import { wishOf, type UnsubscribeIntent } from './suppressions/unsubscribe.js';

/** Milliseconds tenants may take to answer who a tenant is. */
const TENANTS_DEADLINE_MS = 5_000;

const settings = { grpcPort: port({ env: 'GRPC_PORT', default: 7422, doc: 'Port of the gRPC services; 0 = any free one.' }) };

await runService({
  name: 'subscribers',
  settings,
  peers: ['tenants'],
  async start(context) {
    const { platform, logger, metrics, tracing, clock, health, drain } = context;
    const deps = { logger, metrics, tracing };
    const sealer = loadSealer(platform.keyFile);
    const mongo = await connectMongo(platform.mongo, `${platform.databasePrefix}subscribers`, { logger, metrics }, STORE_PATIENCE);
    const kafka = connectKafka({ ...platform.kafka, clientId: context.instanceId }, context);
    await kafka.ensureTopics([TOPICS.replies, TOPICS.suppressions, TOPICS.registerEvents]);
    const producer = kafka.producer();
    const tenants = openGrpcChannel({ service: 'tenants', addresses: platform.addresses('tenants'), tls: platform.links }, deps);

    const bucketDocuments = await mongo.documents<BucketDocument>('buckets');
    const pageDocuments = await mongo.documents<PageDocument>('pages');
    const turns = new StoreTurns();
    const bulk = {
      buckets: new HashBuckets(turns.over(bucketDocuments, LANES.file), claimCodec, LANES.file),
      pages: new Pages(turns.over(pageDocuments, LANES.file)),
    };
    const buckets = new HashBuckets(turns.over(bucketDocuments, LANES.person), claimCodec, LANES.person);
    const stops = new HashBuckets(await mongo.documents<BucketDocument>('suppressions'), suppressionCodec, LANES.person);
    const pages = new Pages(turns.over(pageDocuments, LANES.person));
    const plannedPages = new Pages(turns.over(pageDocuments, LANES.dispatch));
    const summaries = new Summaries(await mongo.documents<SummaryDocument>('summaries'));
    const heads = new Heads(await mongo.documents<HeadDocument>('registers'));
    const verdicts = new VerdictStore(await mongo.documents<VerdictDocument>('verdicts'));
    const imports = await openAggregateStore<ImportAggregate>(mongo, {
      collection: 'imports',
      publish: (records) => producer.send(records),
      logger,
      now: () => clock.now(),
      traceparent: () => tracing.current(),
    });
    const suppressions = new Suppressions(
      stops,
      (records) => producer.send(records),
      () => clock.monotonic(),
    );
    const erasures = new Intents<EraseIntent>(
      await mongo.documents<IntentDocument<EraseIntent>>('erasures'),
      (intent) => eraseContact(intent, { buckets, pages, summaries }),
      () => clock.now(),
      logger,
    );
    const unsubscribes = new Intents<UnsubscribeIntent>(
      await mongo.documents<IntentDocument<UnsubscribeIntent>>('unsubscribes'),
      (intent) => suppressions.apply([wishOf(intent)]),
      () => clock.now(),
      logger,
    );

    const tenantFacts = async (tenantId: string, caller: Caller): Promise<TenantFacts> => {
      const { tenant } = await tenants.client(TenantsServiceDefinition).getTenant({ tenantId }, onBehalfOf(caller, TENANTS_DEADLINE_MS));
      if (!tenant) throw notFound('Tenant');
      if (!tenant.sealKey) throw new TocsinError('FAILED_PRECONDITION', 'NO_SEAL_KEY', 'The tenant has no key to seal its contacts with.');
      return { sealKey: tenant.sealKey, inseeCode: tenant.inseeCode };
    };
    const server = await startGrpcServer(
      {
        host: platform.bindHost,
        port: context.config.grpcPort,
        authenticate: 'caller',
        tls: platform.links,
        services: services({
          heads,
          pages,
          plannedPages,
          bulk,
          summaries,
          verdicts,
          imports,
          suppressions,
          erasures,
          unsubscribes,
          sealer,
          logger,
          tenantFacts,
          budget: new RowBudget(),
          now: () => clock.now(),
        }),
      },
      deps,
    );
    const replies = kafka.group({
      group: 'subscribers',
      topics: [TOPICS.replies.name],
      assigner: 'round-robin',
      from: 'beginning',
      commit: 'after-batch',
      able: () => mongo.healthy(),
      onBatch: (batch) => executeReplies(batch, suppressions, logger),
    });
    await replies.start();
    erasures.start();
    unsubscribes.start();

    health.readyWhen('kafka', () => kafka.healthy());
    health.readyWhen('document-store', () => mongo.healthy());
    health.aliveWhile('kafka', kafka);
    drain.on('stop-intake', 'grpc', (deadlineMs) => server.drain(deadlineMs));
    drain.on('stop-intake', 'replies', () => replies.stop());
    drain.on('finish', 'intents', async () => {
      await Promise.all([erasures.stop(), unsubscribes.stop()]);
    });
    drain.on('commit', 'imports', () => imports.stop());
    drain.on('close', 'tenants', async () => tenants.close());
    drain.on('close', 'kafka', (deadlineMs) => kafka.close(deadlineMs));
    drain.on('close', 'document-store', () => mongo.close());
  },
});
