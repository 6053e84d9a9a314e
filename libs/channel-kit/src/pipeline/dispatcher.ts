import { deadTopic, grantedTopic, record } from '@tocsin/contracts';
import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import type { BatchProducer } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import type { Sealer } from '@tocsin/sealing';
import type { Clock } from '@tocsin/service-kit';
import type { Knowledge } from '../knowledge/knowledge.js';
import type { ChannelMetrics } from '../metrics.js';
import { attemptOf, outcomeName, type AttemptFacts } from './attempt-of.js';
import type { AttemptRecorder } from './attempt-recorder.js';
import type { DrainMeter } from './drain-meter.js';
import type { Dwell } from './dwell.js';
import { passGates, type Ending, type Gate } from './gate.js';
import { deliveryIdOf, type HeldItem } from './held-item.js';
import { HeldWindow } from './held-window.js';
import type { InDoubt } from './in-doubt.js';
import type { OffsetTracker } from './offset-tracker.js';
import { nextTurn } from './pace.js';
import type { PacedRoute } from './paced-route.js';
import type { RoutePins } from '../routes/route-pins.js';
import { prepare, type RenderRule } from './render.js';
import { RouteTurns } from '../routes/route-turns.js';
import { Submitter, type SubmitDeps } from './submit.js';
import { Unsettled } from './unsettled.js';

/** Items handled in one go before the event loop gets its turn. */
const MAX_PER_TURN = 32;
/** ms between two looks at a lease that has run out; it comes back with the next heartbeat. */
const LEASE_LOOK_MS = 50;
/** ms between two looks when nothing tells us to look: nothing is ever lost by a forgotten wake-up. */
const IDLE_LOOK_MS = 500;

export interface DispatcherDeps {
  readonly channel: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ChannelMetrics;
  readonly producer: BatchProducer;
  readonly sealer: Sealer;
  readonly render: RenderRule;
  readonly routes: readonly PacedRoute[];
  readonly gates: readonly Gate[];
  readonly knowledge: Knowledge;
  readonly tracker: OffsetTracker;
  readonly inDoubt: InDoubt;
  readonly meter: DrainMeter;
  readonly recorder: AttemptRecorder;
  readonly dwell: Dwell;
  /** Where an item that went wrong waits, of several routes. */
  readonly pins: RoutePins;
  readonly judged: SubmitDeps['judged'];
  /** Whether this instance may submit at this very moment. */
  lease(): boolean;
  /** Held items have gone: there may be room for more. */
  gone(): void;
}

/** Takes held items in order through gates, seal, template and pace to a provider, and sees that each one ends in an attempt. */
export class Dispatcher {
  readonly window = new HeldWindow();
  readonly unsettled = new Unsettled();
  readonly #submitter: Submitter;
  readonly #turns = new RouteTurns<PacedRoute>();
  #generation = 0;
  #open = false;
  #inFlight = 0;
  #progress = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;
  /** The timer stands for the moment at which a route may take the next item. */
  #paced = false;

  constructor(private readonly deps: DispatcherDeps) {
    this.#submitter = new Submitter({
      ...deps,
      ended: (item, facts) => {
        this.#answered();
        this.#record(item, facts);
      },
      again: (item, route) => {
        this.#answered();
        this.deps.pins.again(item, route, this.deps.clock.monotonic());
        this.#holdAgain(item);
      },
    });
  }

  get generation(): number {
    return this.#generation;
  }

  /** Grows with every item that moves on; liveness watches it. */
  get progress(): number {
    return this.#progress;
  }

  /** Whether something should be moving right now. */
  pending(): boolean {
    const now = this.deps.clock.monotonic();
    if (!this.#open || this.window.size === 0 || !this.deps.lease()) return false;
    return this.#inFlight > 0 || this.deps.routes.some((route) => route.usable() && route.bucket.ready(now) && now >= route.notBefore);
  }

  open(): void {
    this.#open = true;
    this.#paced = false;
    this.wake();
  }

  /** Stops submitting and waits for answers in flight; false when some did not come in time. */
  async quiesce(deadlineMs: number): Promise<boolean> {
    this.#open = false;
    const end = this.deps.clock.monotonic() + deadlineMs;
    while (this.#inFlight > 0 && this.deps.clock.monotonic() < end) await new Promise((resolve) => setTimeout(resolve, 5));
    return this.#inFlight === 0;
  }

  /** A new assignment: what is held and unsubmitted will be read again. */
  reset(): void {
    this.#generation += 1;
    for (const item of this.window.clear()) {
      this.unsettled.remove(item);
      this.deps.inDoubt.leave(item);
    }
  }

  /** A newly read item. */
  hold(item: HeldItem): void {
    this.unsettled.add(item);
    if (this.deps.knowledge.controls.mayHaveLeft(item.frame.releasedAt)) item.possibleDuplicate = true;
    this.deps.pins.first(item);
    const ending = passGates(this.deps.gates, item, this.deps.clock.now());
    if (ending) this.#end(item, ending);
    else this.window.push(item);
  }

  /** Ends whatever held item a gate now objects to: a stopped campaign, what has expired. */
  sweep(concerns: (item: HeldItem) => boolean): void {
    const now = this.deps.clock.now();
    for (const item of this.window.removeWhere(
      (candidate) => concerns(candidate) && passGates(this.deps.gates, candidate, now) !== undefined,
    )) {
      const ending = passGates(this.deps.gates, item, now);
      if (ending) this.#end(item, ending);
    }
  }

  /** Something has changed that may let an item go. Not before a route may take one, though: at 500/s that would be two turns more a message. */
  wake(): void {
    if (!this.#paced) this.#later(0);
  }

  stop(): void {
    this.#open = false;
    clearTimeout(this.#timer);
  }

  /** Kafka has the attempt: the grant is done with. */
  acknowledged(item: HeldItem): void {
    item.state = 'recorded';
    this.#settle(item);
    this.wake();
  }

  #turn(): void {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    this.#paced = false;
    const held = this.window.size;
    this.#releasePins();
    this.#submitSome();
    if (this.window.size < held) this.deps.gone();
  }

  /** Routes that cannot be used hold back what waits for them no longer than it may. */
  #releasePins(): void {
    if (this.deps.routes.length < 2) return;
    const now = this.deps.clock.monotonic();
    for (const route of this.deps.routes) if (!route.usable()) this.window.unpin(route, now);
  }

  #submitSome(): void {
    for (let count = 0; count < MAX_PER_TURN; count++) {
      if (!this.#open || this.window.size === 0) return;
      if (!this.deps.lease()) return this.#later(LEASE_LOOK_MS);
      const turn = nextTurn(this.window, this.deps.routes, this.#turns, this.deps.inDoubt.may, this.deps.clock.monotonic());
      if ('waitMs' in turn) {
        this.#later(Math.min(turn.waitMs, IDLE_LOOK_MS));
        this.#paced = turn.paced;
        return;
      }
      this.window.take(turn.item);
      this.#progress += 1;
      this.#pass(turn.item, turn.route);
    }
    this.#later(0);
  }

  #pass(item: HeldItem, route: PacedRoute): void {
    const ending = passGates(this.deps.gates, item, this.deps.clock.now());
    if (ending) return this.#end(item, ending);
    const prepared = prepare(this.deps.render, this.deps.sealer, item);
    if ('reason' in prepared) {
      this.#deadLetter(item, prepared.reason, prepared.detail);
      return this.#end(item, { outcome: Outcome.FAILED, reason: prepared.reason });
    }
    this.#inFlight += 1;
    this.#turns.took(route, prepared.submission.rendered.cost);
    this.#submitter.submit(route, item, prepared.submission);
  }

  #answered(): void {
    this.#inFlight -= 1;
    this.#progress += 1;
    this.wake();
  }

  #holdAgain(item: HeldItem): void {
    item.state = 'held';
    if (item.generation === this.#generation) return this.window.push(item);
    // Of an assignment that is over: whoever has the share now reads its grant again.
    this.unsettled.remove(item);
    this.deps.inDoubt.leave(item);
  }

  #end(item: HeldItem, ending: Ending): void {
    if (ending === 'already-recorded') {
      this.deps.metrics.duplicatesSkipped.add();
      return this.#settle(item);
    }
    const answeredAt = this.deps.clock.now();
    this.#record(item, {
      ...ending,
      provider: '',
      route: '',
      providerCode: '',
      providerIds: [],
      submittedAt: item.doubtfulSince,
      answeredAt,
      cost: 0,
    });
  }

  #record(item: HeldItem, facts: AttemptFacts): void {
    this.deps.metrics.attempts.add({ outcome: outcomeName(facts.outcome) });
    if (facts.outcome === Outcome.FAILED) this.deps.metrics.failures.add({ reason: facts.reason });
    if (item.possibleDuplicate && facts.submittedAt > 0) this.deps.metrics.possibleDuplicates.add();
    this.deps.dwell.recorded(item, facts);
    if (item.doubtResolved) this.deps.metrics.doubtsResolved.add();
    item.state = 'submitted';
    // What is given back may be granted again under the same n before our own acknowledgement arrives.
    if (facts.outcome === Outcome.RETURNED) this.unsettled.remove(item);
    const attempt = attemptOf(item, this.deps.routes.length > 1 ? facts : { ...facts, route: '' });
    this.deps.knowledge.learnOne(item.frame, item.slice, item.sliceKey, attempt);
    this.deps.recorder.add(item, attempt);
  }

  #settle(item: HeldItem): void {
    this.unsettled.remove(item);
    this.deps.inDoubt.leave(item);
    for (const place of item.places) this.deps.tracker.settle(place);
  }

  #deadLetter(item: HeldItem, reason: string, detail: string): void {
    this.deps.metrics.deadLetters.add();
    const topic = grantedTopic(this.deps.channel, item.lane);
    const value = {
      topic,
      partition: item.share,
      offset: item.places[0]?.offset ?? 0,
      reason,
      detail: `${detail} Attempt ${deliveryIdOf(item)}#${item.n}.`,
      type: 'tocsin.routing.v1.GrantRecord',
      eventId: '',
      tenantId: item.frame.tenantId,
      consumerGroup: `channel-${this.deps.channel}`,
      failedAt: this.deps.clock.now(),
      key: item.sliceKey,
    };
    const letter = record(deadTopic(topic), value.key, 'tocsin.common.v1.DeadLetter', value, {
      tenantId: value.tenantId,
      occurredAt: value.failedAt,
    });
    this.deps.producer.send([letter]).catch((error: unknown) => this.deps.logger.error('dead-letter.not-written', { reason, error }));
  }

  #later(ms: number): void {
    const at = this.deps.clock.monotonic() + ms;
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#turn(), ms);
  }
}
