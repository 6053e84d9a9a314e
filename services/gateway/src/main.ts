import { TOPICS } from '@tocsin/contracts';
import { SuppressionsServiceDefinition } from '@tocsin/contracts/subscribers/v1/registers_service';
import { DirectoryServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import { onBehalfOf, openGrpcChannel, serve, serviceCaller, startGrpcServer } from '@tocsin/grpc';
import { connectKafka } from '@tocsin/kafka';
import { runService } from '@tocsin/service-kit';
import { AuditTrail } from './audit-trail.js';
import { Authenticator } from './authenticator.js';
import { CallSlots } from './call-slots.js';
import { settings } from './config.js';
import { forwardService, type GenericClient } from './forwarder.js';
import { forgetAfter } from './forget-after.js';
import { KeyCache } from './key-cache.js';
import { AlertSteps } from './load/alert-steps.js';
import { CopiesGuard } from './copies/copies-guard.js';
import { watchCopies } from './copies/watch-copies.js';
import { CallAdmission, SHED_REASONS, type ShedReason, type Standing } from './load/call-admission.js';
import { BURST_SECONDS, LEAST_CALLS } from './load/call-limits.js';
import { doorkeeper } from './load/doorkeeper.js';
import { requireCompletePolicy, type PolicyRow } from './policy.js';
import { PUBLIC_SERVICES, type Downstream } from './public-services.js';
import { followTenants } from './suspended-tenants.js';
import { tlsOf } from './tls.js';
import { unsubscribeRoutes } from './unsubscribe-routes.js';

/** Questions to the directory at once: a flood of wrong keys stops here. */
const MAX_AUTHENTICATIONS = 128;
/** Unsubscribes at once, from anybody on the internet. */
const MAX_UNSUBSCRIBES = 64;
/** A question about a key, an audit entry, an unsubscribe, ms. */
const INTERNAL_CALL_MS = 5_000;

await runService({
  name: 'gateway',
  settings,
  peers: ['tenants', 'subscribers', 'campaigns', 'deliveries'],
  certificates: ({ tlsCert }) => ({ public: tlsCert }),
  async start(context) {
    requireCompletePolicy();
    const { config, platform, clock, logger, metrics, tracing, health, drain } = context;
    const deps = { logger, metrics, tracing };
    const me = serviceCaller('gateway');
    const channels: Readonly<Record<Downstream, ReturnType<typeof openGrpcChannel>>> = {
      tenants: openGrpcChannel({ service: 'tenants', addresses: platform.addresses('tenants'), tls: platform.links }, deps),
      subscribers: openGrpcChannel({ service: 'subscribers', addresses: platform.addresses('subscribers'), tls: platform.links }, deps),
      campaigns: openGrpcChannel({ service: 'campaigns', addresses: platform.addresses('campaigns'), tls: platform.links }, deps),
      deliveries: openGrpcChannel({ service: 'deliveries', addresses: platform.addresses('deliveries'), tls: platform.links }, deps),
    };
    const directory = channels.tenants.client(DirectoryServiceDefinition);
    const suppressions = channels.subscribers.client(SuppressionsServiceDefinition);

    const cache = new KeyCache();
    const authenticator = new Authenticator({
      cache,
      slots: new CallSlots(MAX_AUTHENTICATIONS),
      knownSlots: new CallSlots(MAX_AUTHENTICATIONS),
      ask: (secret) => directory.authenticate({ secret }, onBehalfOf(me, INTERNAL_CALL_MS)),
      now: () => clock.monotonic(),
    });
    const audit = new AuditTrail({
      append: async (entry) => void (await directory.appendAudit({ entry }, onBehalfOf(me, INTERNAL_CALL_MS))),
      now: () => clock.now(),
      logger,
      metrics,
    });

    const kafka = connectKafka({ ...platform.kafka, clientId: context.instanceId }, context);
    await kafka.ensureTopics([TOPICS.tenantEvents]);
    const tenants = followTenants(kafka, cache);
    await tenants.start();

    const guard = new CopiesGuard();
    const endWatch = watchCopies({ kafka, guard, logger, metrics, now: () => clock.monotonic() });

    const shed = metrics.counter({
      name: 'gateway_calls_shed_total',
      help: 'Calls refused at the door, by reason.',
      labels: { reason: SHED_REASONS },
    });
    const reserved = metrics.counter({
      name: 'gateway_calls_reserved_total',
      help: 'Steps of alerts that went beyond their tenant’s limits, on its reserve.',
    });
    const door = { shed: (reason: ShedReason) => shed.add({ reason }), reserved: () => reserved.add() };
    const rates = { perSecond: config.callsPerSecond, burst: config.callsPerSecond * BURST_SECONDS };
    const calls = new CallAdmission(
      { perKey: config.callsPerKey, perTenant: config.callsPerTenant, all: config.calls, least: LEAST_CALLS, ...rates },
      door,
    );
    // A stream lasts as long as its reader wants: its length says nothing of speed.
    const streams = new CallAdmission(
      { perKey: config.streamsPerKey, perTenant: config.streamsPerTenant, all: config.streams, least: config.streams, ...rates },
      door,
    );
    metrics.gauge({ name: 'gateway_calls_running', help: 'Unary calls running.' }, () => calls.running());
    metrics.gauge({ name: 'gateway_calls_places', help: 'Unary calls that may run at once, by how quick answers are.' }, () =>
      calls.places(),
    );
    metrics.gauge({ name: 'gateway_streams_running', help: 'Imports and watches running.' }, () => streams.running());
    const parts = {
      audit,
      calls,
      streams,
      alerts: new AlertSteps(),
      admit: (row: PolicyRow, standing: Standing) => guard.admit(row, standing, clock.monotonic()),
      recheck: (call: { readonly metadata: Parameters<Authenticator['caller']>[0] }) => authenticator.caller(call.metadata),
      onSuccess: forgetAfter(cache),
      now: () => clock.monotonic(),
    };
    const services = PUBLIC_SERVICES.map(({ definition, downstream }) => {
      const client = channels[downstream].client(definition) as unknown as GenericClient;
      return serve(definition, forwardService({ definition, downstream }, client, parts) as never);
    });
    const server = await startGrpcServer(
      {
        host: platform.bindHost,
        port: config.grpcPort,
        services,
        authenticate: (_method, metadata) => authenticator.caller(metadata),
        admit: doorkeeper({ calls, alerts: parts.alerts, known: (metadata) => authenticator.known(metadata), now: parts.now }),
        ...tlsOf(config),
      },
      deps,
    );

    health.readyWhen('kafka', () => kafka.healthy());
    health.aliveWhile('kafka', kafka);
    drain.on('stop-intake', 'grpc', (deadlineMs) => server.drain(deadlineMs));
    drain.on('finish', 'audit', () => audit.flush());
    drain.on('close', 'kafka', async (deadlineMs) => {
      endWatch();
      await tenants.stop();
      await kafka.close(deadlineMs);
    });
    drain.on('close', 'channels', () => Promise.resolve(Object.values(channels).forEach((channel) => channel.close())));
    return {
      routes: unsubscribeRoutes(
        async (token) => void (await suppressions.unsubscribe({ token }, onBehalfOf(me, INTERNAL_CALL_MS))),
        new CallSlots(MAX_UNSUBSCRIBES),
      ),
    };
  },
});
