import { grantedTopics } from '@tocsin/contracts';
import type { GroupConsumer, KafkaConnection, TopicPartition } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import type { KnowledgeReader } from './knowledge/knowledge-reader.js';
import type { AttemptRecorder } from './pipeline/attempt-recorder.js';
import type { Dispatcher } from './pipeline/dispatcher.js';
import type { Intake } from './pipeline/intake.js';
import type { OffsetTracker } from './pipeline/offset-tracker.js';
import type { PacedRoute } from './pipeline/paced-route.js';
import type { RouteWatch } from './route-watch.js';

/** ms to await answers before a re-join; the group gives 5 s in all, the rest is for recording and committing. */
const ANSWERS_MS = 3_500;
const RECORDING_MS = 1_000;
/** ms one wait for the topics may take before it is logged and tried again. */
const CATCH_UP_MS = 30_000;

export interface ShareGroupDeps {
  readonly channel: string;
  readonly kafka: KafkaConnection;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly reader: KnowledgeReader;
  readonly intake: Intake;
  readonly dispatcher: Dispatcher;
  readonly recorder: AttemptRecorder;
  readonly tracker: OffsetTracker;
  readonly routes: readonly PacedRoute[];
  readonly watch: RouteWatch;
  inDoubt(): number;
  /** The shares have changed. */
  changed(): void;
}

/** Membership of the group "channel-<key>": which shares are ours, and what must be done before they come and before they go. */
export class ShareGroup {
  #consumer: GroupConsumer | undefined;
  #shares: readonly number[] = [];
  #caughtUp = false;
  #moving = false;

  constructor(private readonly deps: ShareGroupDeps) {}

  get shares(): readonly number[] {
    return this.#shares;
  }

  /** Whether suppressions, stops and attempts have been read to their end once. */
  get ready(): boolean {
    return this.#caughtUp;
  }

  consumer(): GroupConsumer {
    if (!this.#consumer) throw new Error('not in the group');
    return this.#consumer;
  }

  leaseValid(): boolean {
    return this.#consumer?.leaseValid() ?? false;
  }

  async join(): Promise<void> {
    const { channel, kafka, intake } = this.deps;
    this.#consumer = kafka.group({
      group: `channel-${channel}`,
      topics: grantedTopics(channel),
      assigner: 'copartition',
      from: 'beginning',
      commit: 'manual',
      // What an owner before may have taken lies below the high watermark, of which a follower hears late.
      leadersOnly: true,
      onBatch: (batch) => intake.take(batch),
      onAssigned: (places) => this.#assigned(places),
      beforeRejoin: () => this.#settle(),
    });
    await this.#consumer.start();
  }

  /** Drains and leaves; nothing is held any more. */
  async leave(): Promise<void> {
    await this.#consumer?.stop();
    this.#consumer = undefined;
    this.#shares = [];
    for (const route of this.deps.routes) route.setShares([], this.deps.clock.monotonic());
    this.deps.intake.assigned([]);
    this.deps.changed();
  }

  /** Called once a second: without a route the shares go where there is one; drivers go on trying to bind meanwhile. */
  async followRoutes(): Promise<void> {
    if (this.#moving) return;
    const bound = this.deps.routes.some((route) => route.driver.bound());
    const decision = this.deps.watch.decide(this.#consumer !== undefined, bound, this.deps.clock.now());
    if (decision === 'stay') return;
    this.#moving = true;
    try {
      this.deps.logger.warn(decision === 'leave' ? 'no route left, giving the shares up' : 'joining again', {});
      await (decision === 'leave' ? this.leave() : this.join());
    } finally {
      this.#moving = false;
    }
  }

  /** Whether this instance has moved out of the group, or is moving, for lack of a route. */
  get away(): boolean {
    return this.#consumer === undefined || this.#moving;
  }

  async commit(): Promise<void> {
    const offsets = this.deps.tracker.takeCommittable();
    if (offsets.length === 0) return;
    try {
      await this.#consumer?.commit(offsets);
    } catch (error) {
      // Read again at worst; their attempts say that they are done.
      this.deps.logger.warn('shares.not-committed', { error });
    }
  }

  /** Submits nothing more, waits for answers, records, commits: what is left is in doubt and will be marked. */
  async #settle(): Promise<void> {
    const answered = await this.deps.dispatcher.quiesce(ANSWERS_MS);
    const recorded = await this.deps.recorder.settled(RECORDING_MS);
    if (!answered || !recorded) this.deps.logger.warn('shares.left-in-doubt', { inDoubt: this.deps.inDoubt() });
    await this.commit();
  }

  /** A share's new owner first reads all attempts to their end, then the grants. */
  async #assigned(places: readonly TopicPartition[]): Promise<void> {
    const { dispatcher, intake, routes, clock, logger } = this.deps;
    await dispatcher.quiesce(0);
    intake.assigned(places);
    await this.#catchUp();
    this.#shares = [...new Set(places.map((place) => place.partition))].sort((a, b) => a - b);
    for (const route of routes) {
      await route.driver.setShares(this.#shares);
      route.setShares(this.#shares, clock.monotonic());
    }
    logger.info('shares.assigned', { shares: this.#shares });
    dispatcher.open();
    this.deps.changed();
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      try {
        await this.deps.reader.caughtUp(CATCH_UP_MS);
        this.#caughtUp = true;
        return;
      } catch (error) {
        this.deps.logger.warn('shares.knowledge-late', { error });
      }
    }
  }
}
