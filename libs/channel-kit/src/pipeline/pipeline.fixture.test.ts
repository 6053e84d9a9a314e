import { attemptRecordsOf, record, unpackEnvelope, type OutgoingRecord } from '@tocsin/contracts';
import { Lane, SealedRecipient } from '@tocsin/contracts/common/v1/common';
import type { Attempt } from '@tocsin/contracts/deliveries/v1/attempts';
import { GrantBundle, GrantRecord } from '@tocsin/contracts/routing/v1/grants';
import { CampaignFrame, PlanEnd } from '@tocsin/contracts/routing/v1/plans';
import type { BatchProducer, GroupConsumer, RecordBatch } from '@tocsin/kafka';
import { createLogger, createMetrics, createTracing } from '@tocsin/observability';
import type { Sealer } from '@tocsin/sealing';
import { systemClock } from '@tocsin/service-kit';
import type { RouteDriver, Submission, SubmitAnswer } from '../channel.js';
import { NO_FIGURES } from '../figures.fixture.test.js';
import { Knowledge } from '../knowledge/knowledge.js';
import { channelMetrics } from '../metrics.js';
import { renderTemplate } from '../template.js';
import { AttemptRecorder } from './attempt-recorder.js';
import { deduplicate } from './deduplicate.js';
import { Dispatcher } from './dispatcher.js';
import { DrainMeter } from './drain-meter.js';
import { Dwell } from './dwell.js';
import { expire } from './expire.js';
import { Fences } from './fences.js';
import { CAMPAIGN } from './held-item.fixture.test.js';
import { InDoubt } from './in-doubt.js';
import { Intake } from './intake.js';
import { OffsetTracker } from './offset-tracker.js';
import { OwnRecords } from './own-records.js';
import { PacedRoute } from './paced-route.js';
import { RoutePins } from '../routes/route-pins.js';
import { RouteWatcher } from '../routes/route-watcher.js';
import { stop } from './stop.js';
import { suppress } from './suppress.js';

export const GRANTED = 'delivery.granted.any.standard.v1';

/** The kit's pipeline in memory: a provider that answers as told, and a Kafka that acknowledges when told. */
export class Pipeline {
  readonly submitted: Submission[] = [];
  readonly recorded: Attempt[] = [];
  readonly deadLetters: OutgoingRecord[] = [];
  answer: (submission: Submission) => Promise<SubmitAnswer> = () => Promise.resolve({ kind: 'accepted', providerIds: [], code: '' });
  lease = true;
  /** Holds acknowledgements back until released. */
  acknowledging = true;
  #held: (() => void)[] = [];
  readonly tracker = new OffsetTracker();
  readonly inDoubt = new InDoubt();
  readonly knowledge = new Knowledge('any', () => undefined);
  paused: string[] = [];
  /** Records put aside by the intake, and how their letters come to be written. */
  readonly letters: { readonly reason: string; readonly written: () => void }[] = [];
  readonly routes: readonly PacedRoute[];
  readonly watcher: RouteWatcher;
  linkAnswers = true;
  readonly #looking: NodeJS.Timeout;
  readonly dispatcher: Dispatcher;
  readonly intake: Intake;
  readonly recorder: AttemptRecorder;
  #offset = 0;

  /** What is special about each further route, and about the first. */
  constructor(rate = 100_000, window = 64, others: readonly Partial<RouteDriver>[] = [], special: Partial<RouteDriver> = {}) {
    const clock = systemClock;
    const logger = createLogger({ service: 'test', instanceId: 'test', level: 'error' });
    const first: RouteDriver = {
      routeId: 'r',
      provider: 'p',
      ratePerSecond: rate,
      window,
      start: () => Promise.resolve(),
      setShares: () => Promise.resolve(),
      bound: () => true,
      submit: (submission) => {
        this.submitted.push(submission);
        return this.answer(submission);
      },
      stop: () => Promise.resolve(),
    };
    this.routes = [{ ...first, ...special }, ...others.map((other, at) => ({ ...first, routeId: `r${at + 2}`, ...other }))].map(
      (driver) => {
        const route = new PacedRoute(driver, 4, clock.monotonic());
        route.setShares([0, 1, 2, 3], clock.monotonic());
        return route;
      },
    );
    const metrics = channelMetrics(
      createMetrics(),
      this.routes.map(({ driver }) => driver.routeId),
      NO_FIGURES,
    );
    const producer: BatchProducer = {
      send: async (records) => {
        if (!this.acknowledging) await new Promise<void>((resolve) => this.#held.push(resolve));
        for (const one of records) this.#written(one);
      },
      sendForOffsets: () => Promise.resolve([]),
      close: () => Promise.resolve(),
    };
    this.recorder = new AttemptRecorder({
      channel: 'any',
      producer,
      logger,
      clock,
      tracing: createTracing({ service: 'test', instanceId: 'test' }),
      own: new OwnRecords(),
      recordsApart: 8,
      load: () => 1,
      drain: () => 1_000,
      enough: () => 128,
      flushing: () => undefined,
      acknowledged: (item) => this.dispatcher.acknowledged(item),
    });
    const { knowledge, tracker } = this;
    const sealer = {
      open: (_key: unknown, box: Uint8Array) => {
        if (box.length === 0) throw new Error('broken');
        return Buffer.from(box);
      },
    } as unknown as Sealer;
    this.watcher = new RouteWatcher({
      routes: this.routes,
      clock,
      logger,
      metrics,
      testLink: () => Promise.resolve(this.linkAnswers),
      changed: () => {
        this.dispatcher.wake();
      },
    });
    this.#looking = setInterval(() => this.watcher.look(), 10);
    this.dispatcher = new Dispatcher({
      channel: 'any',
      clock,
      logger,
      metrics,
      producer,
      sealer,
      render: (message, variables) => ({ subject: '', body: renderTemplate(message.body, variables), cost: 1 }),
      routes: this.routes,
      pins: new RoutePins(this.routes, knowledge.failedRoutes),
      judged: (one, answer, flight) => this.watcher.answered(one, answer, flight),
      gates: [deduplicate(knowledge.attempts), expire, stop(knowledge.stops), suppress(knowledge.suppressions)],
      knowledge,
      tracker,
      inDoubt: this.inDoubt,
      meter: new DrainMeter(),
      recorder: this.recorder,
      dwell: new Dwell(createMetrics(), 'any'),
      lease: () => this.lease,
      gone: () => this.intake.relax(),
    });
    const consumer = {
      assigned: () => ['life-safety', 'standard'].map((lane) => ({ topic: `delivery.granted.any.${lane}.v1`, partition: 0 })),
      pause: (places: { topic: string }[]) => this.paused.push(...places.map((place) => place.topic)),
      resume: (places: { topic: string }[]) =>
        (this.paused = this.paused.filter((topic) => !places.some((place) => place.topic === topic))),
    } as unknown as GroupConsumer;
    this.intake = new Intake({
      channel: 'any',
      dispatcher: this.dispatcher,
      tracker,
      fences: new Fences(),
      attempts: knowledge.attempts,
      metrics,
      consumer: () => consumer,
      historySince: () => Promise.resolve(),
      deadLetter: (_record, reason) => new Promise((resolve) => this.letters.push({ reason, written: resolve })),
    });
    this.dispatcher.open();
  }

  /** Hands over one grant record of `count` items; answers its offset. */
  async grant(count: number, change: GrantChange = {}): Promise<number> {
    const offset = change.offset ?? this.#offset++;
    this.#offset = Math.max(this.#offset, offset + 1);
    const first = change.first ?? 0;
    const box = Buffer.from(SealedRecipient.encode({ address: '+33639980001', variables: { first_name: 'Zoé' } }).finish());
    const grant = GrantRecord.fromPartial({
      frame: {
        campaignId: change.campaignId ?? CAMPAIGN,
        tenantId: 'ten_1',
        channel: 'any',
        lane: Lane.STANDARD,
        expiresAt: change.expiresAt ?? 0,
        message: { channel: 'any', language: 'fr', subject: '', body: change.body ?? 'Bonjour {{ first_name }}' },
        sealKey: { keyId: 'k', wrapped: Buffer.from('w') },
        purpose: 'alert',
      },
      items: Array.from({ length: count }, (_, at) => ({
        slice: Math.floor((first + at) / 250),
        tag: at,
        item: {
          index: (first + at) % 250,
          n: change.n ?? 1,
          cost: 1,
          box: change.broken === at ? Buffer.alloc(0) : box,
          addressHash: Buffer.alloc(16, at + 1),
        },
      })),
      grantedAt: Date.now(),
    });
    const topic = change.topic ?? GRANTED;
    const { envelope } = record(topic, '0', 'tocsin.routing.v1.GrantRecord', grant, {
      tenantId: 'ten_1',
      occurredAt: 0,
      epoch: change.epoch ?? 1,
    });
    const batch: RecordBatch = {
      topic,
      partition: change.share ?? 0,
      highWatermark: change.highWatermark ?? 0,
      records: [{ topic, partition: change.share ?? 0, offset, key: '0', timestamp: Date.now(), envelope }],
    };
    await this.intake.take(batch);
    return offset;
  }

  /** Hands over a bundle of one item of each campaign, the frame of one of them damaged; answers its offset. */
  async grantMany(campaignIds: readonly string[], damaged: number): Promise<number> {
    const offset = this.#offset++;
    const box = Buffer.from(SealedRecipient.encode({ address: '+33639980001', variables: {} }).finish());
    const grants = campaignIds.map((campaignId, at) => {
      const message = { channel: 'any', language: 'fr', body: 'Bonjour' };
      const frame = CampaignFrame.fromPartial({ campaignId, tenantId: 'ten_1', channel: 'any', message, sealKey: { keyId: 'k' } });
      const encoded = Buffer.from(CampaignFrame.encode(frame).finish());
      return {
        frame: at === damaged ? encoded.subarray(0, 10) : encoded,
        items: [{ slice: 0, tag: at, item: { index: 0, n: 1, cost: 1, box, addressHash: Buffer.alloc(16, at + 1) } }],
      };
    });
    const value = GrantBundle.fromPartial({ grants, grantedAt: Date.now() });
    const { envelope } = record(GRANTED, '0', 'tocsin.routing.v1.GrantBundle', value, { tenantId: '', occurredAt: 0, epoch: 1 });
    const records = [{ topic: GRANTED, partition: 0, offset, key: '0', timestamp: Date.now(), envelope }];
    await this.intake.take({ topic: GRANTED, partition: 0, highWatermark: 0, records });
    return offset;
  }

  /** Hands over a record that is no grant; answers its offset. */
  async poison(): Promise<number> {
    const offset = this.#offset++;
    const { envelope } = record(GRANTED, '0', 'tocsin.routing.v1.PlanEnd', PlanEnd.create(), { tenantId: '', occurredAt: 0, epoch: 1 });
    const records = [{ topic: GRANTED, partition: 0, offset, key: '0', timestamp: Date.now(), envelope }];
    await this.intake.take({ topic: GRANTED, partition: 0, highWatermark: 0, records });
    return offset;
  }

  /** Lets Kafka acknowledge what it has. */
  release(): void {
    this.acknowledging = true;
    for (const resolve of this.#held.splice(0)) resolve();
  }

  committable(): number | undefined {
    return this.tracker.takeCommittable()[0]?.offset;
  }

  close(): void {
    clearInterval(this.#looking);
    this.dispatcher.stop();
    this.recorder.close();
  }

  #written({ topic, envelope }: OutgoingRecord): void {
    if (envelope === null) return;
    const unpacked = unpackEnvelope(envelope);
    for (const { attempts } of attemptRecordsOf(unpacked)) this.recorded.push(...attempts);
    if (topic.endsWith('.dead')) this.deadLetters.push({ topic, key: '', envelope });
  }
}

export interface GrantChange {
  readonly offset?: number;
  readonly n?: number;
  readonly first?: number;
  readonly campaignId?: string;
  readonly expiresAt?: number;
  readonly body?: string;
  readonly broken?: number;
  readonly topic?: string;
  readonly epoch?: number;
  readonly share?: number;
  /** Below it a record counts as read again. */
  readonly highWatermark?: number;
}

export async function until(condition: () => boolean): Promise<void> {
  // Only ends what hangs: the machine may do much else.
  const end = Date.now() + 25_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('not in time');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export const quiet = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
