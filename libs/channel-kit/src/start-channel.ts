import { TOPICS, channelTopicSpecs, deadTopic, grantedTopics, record } from '@tocsin/contracts';
import { connectKafka, type GroupConsumer, type IncomingRecord, type TopicPartition } from '@tocsin/kafka';
import { loadSealer } from '@tocsin/sealing';
import type { ServiceContext, Setting, SettingsOf } from '@tocsin/service-kit';
import { capacityReport } from './capacity-report.js';
import type { ChannelDefinition } from './channel.js';
import { Knowledge } from './knowledge/knowledge.js';
import { KnowledgeReader } from './knowledge/knowledge-reader.js';
import { announcedManifest, type ChannelFile } from './manifest.js';
import { channelMetrics } from './metrics.js';
import { AttemptRecorder } from './pipeline/attempt-recorder.js';
import { deduplicate } from './pipeline/deduplicate.js';
import { Dispatcher } from './pipeline/dispatcher.js';
import { DrainMeter } from './pipeline/drain-meter.js';
import { expire } from './pipeline/expire.js';
import { Fences } from './pipeline/fences.js';
import { InDoubt } from './pipeline/in-doubt.js';
import { Intake } from './pipeline/intake.js';
import { OffsetTracker } from './pipeline/offset-tracker.js';
import { PacedRoute } from './pipeline/paced-route.js';
import { stop } from './pipeline/stop.js';
import { suppress } from './pipeline/suppress.js';
import { ReceiptDesk } from './return-path/receipt-desk.js';
import { ReplyDesk } from './return-path/reply-desk.js';

/** ms between two reports, commits and looks at what has expired: grants read again after a crash are at most this much behind. */
const TICK_MS = 1_000;
/** ms to await answers before a re-join; the group gives 5 s in all, the rest is for recording and committing. */
const ANSWERS_MS = 3_500;
const RECORDING_MS = 1_000;
/** ms one wait for the topics may take before it is logged and tried again. */
const CATCH_UP_MS = 30_000;
/** ms: receipts are awaited at least this long, however short the time-out that closes a delivery. */
const MIN_RECEIPT_WAIT_MS = 60_000;
/** ms drivers have to finish and unbind. */
const DRIVER_STOP_MS = 3_000;

/** Wires one channel process; the pipeline's order is the order of the gates and of Dispatcher. */
export async function startChannel<S extends Readonly<Record<string, Setting<unknown>>>>(
  definition: ChannelDefinition<S>,
  file: ChannelFile,
  receiptTimeout: number,
  context: ServiceContext<SettingsOf<S>>,
): Promise<void> {
  const { clock, logger, tracing, platform, health, drain, instanceId } = context;
  const channel = file.key;
  const sealer = loadSealer(platform.keyFile);
  const drivers = await definition.routes(context, sealer);
  const routes = drivers.map((driver) => new PacedRoute(driver, file.shares, clock.monotonic()));
  const kafkaDeps = { logger, tracing, metrics: context.metrics, onFatal: (reason: string, error: unknown) => context.fail(reason, error) };
  const kafka = connectKafka({ brokers: platform.kafkaBrokers, clientId: instanceId, prefix: platform.topicPrefix }, kafkaDeps);
  const shared = [TOPICS.suppressions, TOPICS.campaignStops, TOPICS.manifests, TOPICS.capacity, TOPICS.replies];
  await kafka.ensureTopics([...shared, ...channelTopicSpecs(channel, file.shares)]);
  const producer = kafka.producer();

  const knowledge = new Knowledge(channel, (receiptKey) => receipts.awaited(receiptKey));
  const tracker = new OffsetTracker();
  const meter = new DrainMeter();
  const inDoubt = new InDoubt();
  const metrics = channelMetrics(
    context.metrics,
    routes.map((route) => route.driver.routeId),
    {
      held: () => dispatcher.window.size,
      inDoubt: () => inDoubt.total,
      acceptedKnown: () => knowledge.accepted.size,
      acceptedEvicted: () => knowledge.accepted.evicted,
      unmatchedWaiting: () => knowledge.unmatched.size,
      suppressions: () => knowledge.suppressions.size,
    },
  );
  const receipts: ReceiptDesk = new ReceiptDesk({ channel, producer, clock, knowledge, metrics });
  const replies = new ReplyDesk({ channel, producer, clock, sealer, knowledge, metrics });
  const allowed = (): number => routes.reduce((sum, route) => sum + (route.bound() ? route.rate() : 0), 0);
  const recorder = new AttemptRecorder({
    channel,
    producer,
    tracing,
    logger,
    clock,
    load: () => meter.rate(clock.monotonic()) / Math.max(allowed(), 1),
    acknowledged: (item) => dispatcher.acknowledged(item),
  });
  const dispatcher: Dispatcher = new Dispatcher({
    channel,
    clock,
    logger,
    metrics,
    producer,
    sealer,
    render: (message, variables) => definition.render(message, variables),
    routes,
    gates: [deduplicate(knowledge.attempts), expire, stop(knowledge.stops), suppress(knowledge.suppressions)],
    knowledge,
    tracker,
    inDoubt,
    meter,
    recorder,
    lease: () => consumer.leaseValid(),
  });

  const reader = new KnowledgeReader({
    channel,
    kafka,
    logger,
    knowledge,
    attemptsSince: clock.now() - Math.max(receiptTimeout, MIN_RECEIPT_WAIT_MS),
    stopped: (campaignId) => dispatcher.sweep((item) => item.frame.campaignId === campaignId),
    unmatched: (receipt) => receipts.unmatched(receipt),
  });
  const intake = new Intake({
    channel,
    dispatcher,
    tracker,
    fences: new Fences(),
    attempts: knowledge.attempts,
    metrics,
    consumer: () => consumer,
    historySince: (timestamp) => reader.attemptsSince(timestamp),
    deadLetter: (bad, reason, detail) => {
      metrics.deadLetters.add();
      deadLetter(bad, reason, detail);
    },
  });

  let shares: readonly number[] = [];
  let ready = false;
  const consumer: GroupConsumer = kafka.group({
    group: `channel-${channel}`,
    topics: grantedTopics(channel),
    assigner: 'copartition',
    from: 'beginning',
    commit: 'manual',
    onBatch: (batch) => intake.take(batch),
    onAssigned: assigned,
    beforeRejoin: leave,
  });

  /** Submits nothing more, waits for answers, records, commits: what is left is in doubt and will be marked. */
  async function leave(): Promise<void> {
    const answered = await dispatcher.quiesce(ANSWERS_MS);
    const recorded = await recorder.settled(RECORDING_MS);
    if (!answered || !recorded) logger.warn('left with items in doubt', { inDoubt: inDoubt.total });
    await commit();
  }

  /** A share's new owner first reads all attempts to their end, then the grants. */
  async function assigned(places: readonly TopicPartition[]): Promise<void> {
    await dispatcher.quiesce(0);
    intake.assigned();
    await caughtUp();
    shares = [...new Set(places.map((place) => place.partition))].sort((a, b) => a - b);
    for (const route of routes) {
      await route.driver.setShares(shares);
      route.setShares(shares, clock.monotonic());
    }
    logger.info('shares assigned', { shares });
    dispatcher.open();
    report();
  }

  async function caughtUp(): Promise<void> {
    for (;;) {
      try {
        await reader.caughtUp(CATCH_UP_MS);
        ready = true;
        return;
      } catch (error) {
        logger.warn('still reading suppressions, stops and attempts', { error });
      }
    }
  }

  async function commit(): Promise<void> {
    const offsets = tracker.takeCommittable();
    if (offsets.length === 0) return;
    try {
      await consumer.commit(offsets);
    } catch (error) {
      // Read again at worst; their attempts say that they are done.
      logger.warn('offsets not committed', { error });
    }
  }

  function report(): void {
    for (const route of routes) metrics.routeBound.set(route.bound() ? 1 : 0, { route: route.driver.routeId });
    const { window } = dispatcher;
    const facts = { channel, instanceId, shares, routes, window, meter, inDoubt, now: clock.now(), monotonic: clock.monotonic() };
    producer.send([capacityReport(facts)]).catch((error: unknown) => logger.warn('capacity not reported', { error }));
  }

  function deadLetter(bad: IncomingRecord, reason: string, detail: string): void {
    const { topic, partition, offset, key } = bad;
    const value = {
      topic,
      partition,
      offset,
      reason,
      detail,
      key,
      type: bad.envelope?.type ?? '',
      eventId: bad.envelope?.eventId ?? '',
      tenantId: bad.envelope?.tenantId ?? '',
      consumerGroup: `channel-${channel}`,
      failedAt: clock.now(),
    };
    const letter = record(deadTopic(topic), key, 'tocsin.common.v1.DeadLetter', value, {
      tenantId: value.tenantId,
      occurredAt: value.failedAt,
    });
    producer.send([letter]).catch((error: unknown) => logger.error('dead letter not written', { reason, error }));
  }

  for (const { driver } of routes) {
    await driver.start({ receipt: (receipt) => receipts.take(driver.provider, receipt), reply: (reply) => replies.take(reply) });
  }
  await reader.start();
  const manifest = announcedManifest(file, drivers, receiptTimeout, clock.now());
  await producer.send([
    record(TOPICS.manifests.name, channel, 'tocsin.channels.v1.Manifest', manifest, { tenantId: '', occurredAt: clock.now() }),
  ]);
  await consumer.start();
  const tick = setInterval(() => {
    dispatcher.sweep((item) => item.frame.expiresAt > 0 && clock.now() >= item.frame.expiresAt);
    intake.relax();
    void commit();
    report();
  }, TICK_MS);

  health.readyWhen('kafka', () => kafka.healthy());
  health.readyWhen('knowledge', () => ready);
  health.readyWhen('route bound', () => shares.length === 0 || routes.some((route) => route.bound()));
  health.aliveWhile('submitting', { pending: () => dispatcher.pending(), progress: () => dispatcher.progress });
  drain.on('stop-intake', 'leave the group', async () => {
    await consumer.stop();
    clearInterval(tick);
    dispatcher.stop();
  });
  drain.on('finish', 'providers', async () => {
    await Promise.all(drivers.map((driver) => driver.stop(DRIVER_STOP_MS)));
    await receipts.flush();
    await recorder.settled(RECORDING_MS);
    recorder.close();
  });
  drain.on('close', 'kafka', async (deadlineMs) => {
    await reader.stop();
    await kafka.close(deadlineMs);
  });
}
