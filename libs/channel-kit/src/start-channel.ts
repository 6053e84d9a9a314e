import { TOPICS, channelTopicSpecs, record, recordsApart } from '@tocsin/contracts';
import { connectKafka } from '@tocsin/kafka';
import { loadSealer } from '@tocsin/sealing';
import type { ServiceContext, Setting, SettingsOf } from '@tocsin/service-kit';
import { capacityReport } from './capacity-report.js';
import type { ChannelDefinition, RouteDriver } from './channel.js';
import { writeDeadLetter } from './dead-letter.js';
import { Knowledge } from './knowledge/knowledge.js';
import { KnowledgeReader } from './knowledge/knowledge-reader.js';
import { announcedManifest, type ChannelFile } from './manifest.js';
import { channelMetrics } from './metrics.js';
import { AttemptRecorder } from './pipeline/attempt-recorder.js';
import { deduplicate } from './pipeline/deduplicate.js';
import { Dispatcher } from './pipeline/dispatcher.js';
import { DrainMeter } from './pipeline/drain-meter.js';
import { Dwell } from './pipeline/dwell.js';
import { expire } from './pipeline/expire.js';
import { Fences } from './pipeline/fences.js';
import { hold } from './pipeline/hold.js';
import { IN_DOUBT_CAP_PER_SHARE, InDoubt } from './pipeline/in-doubt.js';
import { Intake } from './pipeline/intake.js';
import { OffsetTracker } from './pipeline/offset-tracker.js';
import { OwnRecords } from './pipeline/own-records.js';
import { PacedRoute } from './pipeline/paced-route.js';
import { stop } from './pipeline/stop.js';
import { suppress } from './pipeline/suppress.js';
import { ReceiptDesk } from './return-path/receipt-desk.js';
import { ReplyDesk } from './return-path/reply-desk.js';
import { RouteWatch } from './route-watch.js';
import { LinkTester } from './routes/link-tester.js';
import { RoutePins } from './routes/route-pins.js';
import { testMessage } from './routes/test-message.js';
import { RouteWatcher } from './routes/route-watcher.js';
import { ShareGroup } from './share-group.js';

/** ms between two looks at whether a route has been bound or lost: until that is told, its shares are granted nothing, or too much. */
const ROUTE_LOOK_MS = 50;
/** ms between two reports, commits and looks at what has expired: grants read again after a crash are at most this much behind. */
const TICK_MS = 1_000;
/** ms the last attempts of a drain have to reach Kafka. */
const RECORDING_MS = 1_000;
/** ms: receipts are awaited at least this long, however short the time-out that closes a delivery. */
const MIN_RECEIPT_WAIT_MS = 60_000;
/**
 * Receipts taken while one message may be sent, at most: a city's come as fast as it was sent, those an operator kept back six times as fast. At 3,000/s beside
 * a route of 500/s the p99 of what goes out stays within a tenth; at 12,000/s it was a third longer (docs/benchmarks.md, receipts).
 */
const RECEIPTS_A_MESSAGE = 6;
/** Receipts a second that every channel may take: as many cost it a hundredth of a core (bench receipts), and a slow route's provider has a window of as many. */
const MIN_RECEIPTS_PER_SECOND = 500;
/** ms drivers have to finish and unbind. */
const DRIVER_STOP_MS = 3_000;

/** What the kit itself is set to; times in ms. */
export interface KitConfig {
  readonly receiptTimeout: number;
  readonly linkEveryMs: number;
  readonly messageEveryMs: number;
  /** Undefined: as the rate of the routes says. */
  readonly receiptsPerSecond: number | undefined;
}

/** Wires one channel process; the pipeline's order is the order of the gates and of Dispatcher. */
export async function startChannel<S extends Readonly<Record<string, Setting<unknown>>>>(
  definition: ChannelDefinition<S>,
  file: ChannelFile,
  { receiptTimeout, linkEveryMs, messageEveryMs, receiptsPerSecond }: KitConfig,
  context: ServiceContext<SettingsOf<S>>,
): Promise<void> {
  const { clock, logger, tracing, platform, health, drain, instanceId } = context;
  const channel = file.key;
  const sealer = loadSealer(platform.keyFile);
  const drivers = await definition.routes(context, sealer);
  const routes = drivers.map((driver) => new PacedRoute(driver, file.shares, clock.monotonic()));
  const kafka = connectKafka({ ...platform.kafka, clientId: instanceId }, context);
  const shared = [TOPICS.suppressions, TOPICS.campaignStops, TOPICS.operatorControls, TOPICS.manifests, TOPICS.capacity, TOPICS.replies];
  await kafka.ensureTopics([...shared, ...channelTopicSpecs(channel, file.shares)]);
  const producer = kafka.producer();

  const knowledge = new Knowledge(channel, (receiptKey) => receipts.awaited(receiptKey));
  const tracker = new OffsetTracker();
  const meter = new DrainMeter();
  const inDoubt = new InDoubt();
  const own = new OwnRecords();
  const metrics = channelMetrics(
    context.metrics,
    routes.map((route) => route.driver.routeId),
    {
      held: () => dispatcher.window.size,
      inDoubt: () => inDoubt.total,
      inDoubtLimit: () => group.shares.length * IN_DOUBT_CAP_PER_SHARE,
      acceptedKnown: () => knowledge.accepted.size,
      acceptedEvicted: () => knowledge.accepted.evicted,
      unmatchedWaiting: () => knowledge.unmatched.size,
      receiptsWaiting: () => receipts.waiting,
      suppressions: () => knowledge.suppressions.size,
    },
  );
  context.metrics.gauge({ name: 'channel_route_paused', help: '1 while operators hold the route.', labels: { route: [] } }, () =>
    routes.map((route) => ({ labels: { route: route.driver.routeId }, value: Number(route.paused) })),
  );
  const receipts: ReceiptDesk = new ReceiptDesk({
    channel,
    producer,
    clock,
    knowledge,
    metrics,
    tracing,
    ratePerSecond: receiptsPerSecond ?? receiptsBeside(drivers),
  });
  const replies = new ReplyDesk({ channel, producer, clock, sealer, knowledge, metrics });
  const allowed = (): number => routes.reduce((sum, route) => sum + (route.usable() ? route.rate() : 0), 0);
  const tester = new LinkTester({
    channel,
    drivers,
    clock,
    logger,
    metrics,
    linkEveryMs,
    messageEveryMs,
    sendsMessages: () => group.shares.includes(0),
    compose: (address) => ({ rendered: definition.render(testMessage(channel), {}), addressHash: sealer.addressHash(address) }),
    proven: (driver) => routes.filter((route) => route.driver === driver).forEach((route) => watcher.proven(route)),
  });
  const watcher: RouteWatcher = new RouteWatcher({
    routes,
    clock,
    logger,
    metrics,
    testLink: ({ driver }) => tester.testLink(driver),
    changed: () => {
      dispatcher.wake();
      report();
    },
  });
  const recorder = new AttemptRecorder({
    channel,
    producer,
    tracing,
    logger,
    clock,
    own,
    recordsApart: recordsApart(platform.records),
    load: () => meter.rate(clock.monotonic()) / Math.max(allowed(), 1),
    drain: () => meter.rate(clock.monotonic()),
    enough: () => (group.shares.length * IN_DOUBT_CAP_PER_SHARE) / 2,
    flushing: () => receipts.flushAlong(),
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
    gates: [deduplicate(knowledge.attempts), expire, stop(knowledge.stops), hold(knowledge.controls), suppress(knowledge.suppressions)],
    knowledge,
    tracker,
    inDoubt,
    meter,
    recorder,
    dwell: new Dwell(context.metrics, channel),
    pins: new RoutePins(routes, knowledge.failedRoutes),
    judged: (route, answer, flight) => watcher.answered(route, answer, flight),
    lease: () => group.leaseValid(),
    gone: () => intake.relax(),
  });

  const watch = new RouteWatch(instanceId);
  const reader = new KnowledgeReader({
    channel,
    kafka,
    logger,
    knowledge,
    own,
    attemptsSince: clock.now() - Math.max(receiptTimeout, MIN_RECEIPT_WAIT_MS),
    stopped: (campaignId) => dispatcher.sweep((item) => item.frame.campaignId === campaignId),
    controlled: () => {
      control();
      dispatcher.sweep(() => true);
    },
    unmatched: (receipt) => receipts.unmatched(receipt),
    capacity: (capacity) => watch.heard(capacity),
  });
  const intake = new Intake({
    channel,
    dispatcher,
    tracker,
    fences: new Fences(),
    attempts: knowledge.attempts,
    metrics,
    consumer: () => group.consumer(),
    historySince: (timestamp) => reader.attemptsSince(timestamp),
    deadLetter: (bad, reason, detail) => {
      metrics.deadLetters.add();
      return writeDeadLetter({ channel, producer, clock, logger }, bad, reason, detail);
    },
  });

  const group: ShareGroup = new ShareGroup({
    channel,
    kafka,
    clock,
    logger,
    reader,
    intake,
    dispatcher,
    recorder,
    tracker,
    routes,
    watch,
    inDoubt: () => inDoubt.total,
    changed: report,
  });

  /** Operators' words about the routes, as they are now: they change by a record, and end by themselves. */
  function control(): void {
    const { controls } = knowledge;
    for (const route of routes) {
      const { routeId } = route.driver;
      const rate = controls.routeRate(channel, routeId, clock.now());
      route.control(controls.routePaused(channel, routeId, clock.now()), rate, clock.monotonic());
    }
    dispatcher.wake();
  }

  function report(): void {
    for (const route of routes) metrics.routeBound.set(route.bound() ? 1 : 0, { route: route.driver.routeId });
    const { window } = dispatcher;
    const { shares } = group;
    const facts = { channel, instanceId, shares, routes, window, meter, inDoubt, now: clock.now(), monotonic: clock.monotonic() };
    producer.send([capacityReport(facts)]).catch((error: unknown) => logger.warn('capacity.not-reported', { error }));
  }

  for (const { driver } of routes) {
    await driver.start({
      receipt: (receipt) => (tester.took(driver.provider, receipt) ? Promise.resolve() : receipts.take(driver.provider, receipt)),
      reply: (reply) => replies.take(reply),
    });
  }
  await reader.start();
  const manifest = announcedManifest(file, drivers, receiptTimeout, clock.now());
  await producer.send([
    record(TOPICS.manifests.name, channel, 'tocsin.channels.v1.Manifest', manifest, { tenantId: '', occurredAt: clock.now() }),
  ]);
  await group.join();
  const tick = setInterval(() => {
    control();
    dispatcher.sweep((item) => item.frame.expiresAt > 0 && clock.now() >= item.frame.expiresAt);
    intake.relax();
    tester.look();
    void group.commit();
    group.followRoutes().catch((error: unknown) => context.fail('GROUP_LOST', error));
    report();
  }, TICK_MS);
  const look = setInterval(() => watcher.look(), ROUTE_LOOK_MS);

  health.readyWhen('kafka', () => kafka.healthy());
  health.readyWhen('knowledge', () => group.ready);
  health.readyWhen('route bound', () => group.away || group.shares.length === 0 || routes.some((route) => route.bound() || route.paused));
  health.aliveWhile('submitting', { pending: () => dispatcher.pending(), progress: () => dispatcher.progress });
  drain.on('stop-intake', 'leave the group', async () => {
    clearInterval(tick);
    clearInterval(look);
    await group.leave();
    dispatcher.stop();
  });
  drain.on('finish', 'providers', async () => {
    await Promise.all(drivers.map((driver) => driver.stop(DRIVER_STOP_MS)));
    await receipts.close();
    await recorder.settled(RECORDING_MS);
    recorder.close();
  });
  drain.on('close', 'kafka', async (deadlineMs) => {
    await reader.stop();
    await kafka.close(deadlineMs);
  });
}

/** Receipts a second beside what the routes send. */
function receiptsBeside(drivers: readonly RouteDriver[]): number {
  return Math.max(MIN_RECEIPTS_PER_SECOND, RECEIPTS_A_MESSAGE * drivers.reduce((sum, { ratePerSecond }) => sum + ratePerSecond, 0));
}
