import { TOPICS, recordsApart } from '@tocsin/contracts';
import { openGrpcChannel } from '@tocsin/grpc';
import { connectKafka } from '@tocsin/kafka';
import { connectMongo, dayOf, STORE_PATIENCE } from '@tocsin/mongo';
import { runService } from '@tocsin/service-kit';
import { floorsFrom, requirePolicy, settings } from './config.js';
import { ManifestBook } from './manifests/manifest-book.js';
import { plannerMetrics } from './planner/planner-metrics.js';
import { Planner } from './planner/planner.js';
import { PlanStore } from './planner/plan-store.js';
import { ReleaseIntake } from './planner/release-intake.js';
import { retention, sealedList } from './retention/retention.js';
import { CheckpointStore } from './scheduler/checkpoint-store.js';
import { SchedulerGroup } from './scheduler/scheduler-group.js';
import { schedulerMetrics } from './scheduler/scheduler-metrics.js';

const NEEDED = [
  TOPICS.tenantEvents,
  TOPICS.operatorControls,
  TOPICS.campaignEvents,
  TOPICS.campaignStops,
  TOPICS.manifests,
  TOPICS.capacity,
  TOPICS.plans,
  TOPICS.backlogs,
  TOPICS.planned,
  TOPICS.due,
];

await runService({
  name: 'routing',
  settings,
  peers: ['subscribers', 'deliveries'],
  async start(context) {
    const { config, platform, logger, metrics, tracing, clock, instanceId } = context;
    requirePolicy(config.policy, platform.mode);
    const observed = { logger, metrics, tracing };
    const kafka = connectKafka(
      { ...platform.kafka, clientId: instanceId },
      { ...observed, fail: (reason, error) => context.fail(reason, error) },
    );
    const mongo = await connectMongo(platform.mongo, `${platform.databasePrefix}routing`, observed, STORE_PATIENCE);
    const subscribers = openGrpcChannel(
      { service: 'subscribers', addresses: platform.addresses('subscribers'), tls: platform.links },
      observed,
    );
    const longWalks = openGrpcChannel(
      { service: 'subscribers', addresses: platform.addresses('subscribers'), tls: platform.links },
      observed,
    );
    const deliveries = openGrpcChannel(
      { service: 'deliveries', addresses: platform.addresses('deliveries'), tls: platform.links },
      observed,
    );
    await kafka.ensureTopics(NEEDED);

    const producer = kafka.producer();
    const plans = await PlanStore.in(mongo);
    const checkpoints = await CheckpointStore.in(mongo);
    const manifests = new ManifestBook(kafka, logger);
    const planning = {
      store: plans,
      producer,
      subscribers,
      longWalks,
      deliveries,
      manifests,
      metrics: plannerMetrics(metrics),
      logger,
      clock,
    };
    const planner = new Planner(planning);
    const intake: ReleaseIntake = new ReleaseIntake({
      kafka,
      producer,
      store: plans,
      planner,
      logger,
      clock,
      able: () => mongo.healthy(),
      finished: (partition, ids) => plans.finished.add(sealedList(partition), dayOf(clock.now()) + config.sealedDays, ids),
    });
    const sweep = retention({ plans, owned: () => intake.owned(), share: config.retentionShare, clock, metrics, logger });
    const schedulers = new SchedulerGroup({
      kafka,
      producer,
      checkpoints,
      policy: config.policy,
      floors: floorsFrom(config.floors),
      recordsApart: recordsApart(platform.records),
      plans,
      manifests,
      instanceId,
      clock,
      logger,
      metrics: schedulerMetrics(metrics),
      tracing,
      fail: (reason, error) => context.fail(reason, error),
    });

    let started = false;
    context.health.readyWhen('kafka', () => kafka.healthy());
    context.health.readyWhen('mongo', () => mongo.healthy());
    context.health.readyWhen('started', () => started);
    // While no broker takes its slices, it waits for one: a restart would change nothing.
    context.health.aliveWhile('planner', { pending: () => planner.open > 0 && kafka.healthy(), progress: () => planner.progress });
    context.health.aliveWhile('schedulers', { pending: () => schedulers.mustMove(), progress: () => schedulers.progress() });
    context.drain.on('stop-intake', 'release intake', () => intake.stop());
    context.drain.on('finish', 'retention', () => sweep.stop());
    context.drain.on('finish', 'planner', () => planner.stop());
    context.drain.on('commit', 'schedulers', () => schedulers.stop());
    context.drain.on('close', 'manifests', () => manifests.stop());
    context.drain.on('close', 'subscribers', async () => [subscribers, longWalks, deliveries].forEach((channel) => channel.close()));
    context.drain.on('close', 'kafka', (deadlineMs) => kafka.close(deadlineMs));
    context.drain.on('close', 'mongo', () => mongo.close());

    await manifests.start();
    await Promise.all([intake.start(), schedulers.start()]);
    sweep.start();
    started = true;
  },
});
