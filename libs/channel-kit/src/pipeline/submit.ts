import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import type { SubmitAnswer, Submission } from '../channel.js';
import type { ChannelMetrics } from '../metrics.js';
import type { AttemptFacts } from './attempt-of.js';
import type { DrainMeter } from './drain-meter.js';
import type { HeldItem } from './held-item.js';
import type { InDoubt } from './in-doubt.js';
import type { PacedRoute } from './paced-route.js';

/** ms a provider may take to answer one submission; then nobody knows, and it is in doubt. */
export const SUBMIT_DEADLINE_MS = 10_000;
/** ms a route rests after a throttling answer, beside halving its rate. */
const THROTTLED_REST_MS = 100;
/** ms before a route that could not take a submission is asked again. */
const NOT_SUBMITTED_REST_MS = 200;
/** Submissions of one attempt left unanswered before it is recorded as timed out and climbs the retry ladder: each may have reached the person. */
const MAX_UNANSWERED = 2;
/**
 * "Slow down" answers to one item, while as many others were taken, before it is this item's own: a handset whose queue is full is answered with the very
 * code of a full provider, and being first in order it would hold up everybody behind it. At 30 % throttled answers five in ten million meet it by chance.
 */
const MAX_THROTTLED_ALONE = 12;

const NO_IDS: readonly string[] = [];

export interface SubmitDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ChannelMetrics;
  readonly meter: DrainMeter;
  readonly inDoubt: InDoubt;
  /** The provider has decided. */
  ended(item: HeldItem, facts: AttemptFacts): void;
  /** Not an attempt: the item waits for its next turn. */
  again(item: HeldItem): void;
}

/** One submission whose answer is awaited. */
interface Flight {
  readonly route: PacedRoute;
  readonly item: HeldItem;
  readonly cost: number;
  /** Unix ms and monotonic ms. */
  readonly submittedAt: number;
  readonly started: number;
}

/** Hands items to providers and reads their answers. */
export class Submitter {
  constructor(private readonly deps: SubmitDeps) {}

  /** A driver that throws instead of answering leaves the item in doubt. */
  submit(route: PacedRoute, item: HeldItem, submission: Submission): void {
    const { clock } = this.deps;
    const cost = submission.rendered.cost;
    const flight: Flight = { route, item, cost, submittedAt: clock.now(), started: clock.monotonic() };
    item.state = 'submitted';
    this.deps.inDoubt.enter(item);
    route.bucket.take(cost, flight.started);
    route.started(item.share);
    answerOf(route, submission).then(
      (answer) => this.#answered(flight, answer),
      (error: unknown) => {
        this.deps.logger.error('submit.driver-threw', { route: route.driver.routeId, error });
        this.#answered(flight, { kind: 'in-doubt', code: 'DRIVER_THREW' });
      },
    );
  }

  #answered(flight: Flight, answer: SubmitAnswer): void {
    const { deps } = this;
    const { route, item, cost } = flight;
    route.ended(item.share);
    const now = deps.clock.monotonic();
    deps.meter.roundTrip(now - flight.started);
    deps.metrics.roundTrip.observe((now - flight.started) / 1_000);
    switch (answer.kind) {
      case 'accepted':
        route.taken += 1;
        deps.meter.drained(cost, now);
        return this.#ended(flight, answer, Outcome.ACCEPTED, '', answer.providerIds);
      case 'failed':
        deps.meter.drained(cost, now);
        return this.#ended(flight, answer, Outcome.FAILED, answer.reason);
      case 'throttled':
        route.bucket.throttle(now);
        route.notBefore = Math.max(route.notBefore, now + THROTTLED_REST_MS);
        if (throttledAlone(item, route)) return this.#ended(flight, answer, Outcome.FAILED, 'PROVIDER_BUSY');
        return notSubmitted(deps, item, 'throttled', answer.partly);
      case 'not-submitted':
        route.bucket.giveBack(cost);
        route.notBefore = Math.max(route.notBefore, now + NOT_SUBMITTED_REST_MS);
        return notSubmitted(deps, item, 'not-submitted', answer.partly);
      case 'in-doubt':
        deps.metrics.notSubmitted.add({ why: 'in-doubt' });
        item.unanswered += 1;
        item.possibleDuplicate = true;
        item.doubtfulSince = flight.submittedAt;
        if (item.unanswered > MAX_UNANSWERED) return this.#ended(flight, answer, Outcome.FAILED, 'TIMED_OUT');
        return deps.again(item);
    }
  }

  #ended(flight: Flight, answer: SubmitAnswer, outcome: Outcome, reason: string, providerIds = NO_IDS): void {
    this.deps.ended(flight.item, {
      outcome,
      reason,
      provider: flight.route.driver.provider,
      providerCode: answer.code,
      providerIds,
      submittedAt: flight.submittedAt,
      answeredAt: this.deps.clock.now(),
      cost: flight.cost,
    });
  }
}

function answerOf(route: PacedRoute, submission: Submission): Promise<SubmitAnswer> {
  try {
    return route.driver.submit(submission, SUBMIT_DEADLINE_MS);
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}

function throttledAlone(item: HeldItem, route: PacedRoute): boolean {
  if (item.throttled === 0) item.takenBefore = route.taken;
  item.throttled += 1;
  return item.throttled >= MAX_THROTTLED_ALONE && route.taken - item.takenBefore >= MAX_THROTTLED_ALONE;
}

function notSubmitted(deps: SubmitDeps, item: HeldItem, why: 'throttled' | 'not-submitted', partly = false): void {
  deps.metrics.notSubmitted.add({ why });
  item.partly ||= partly;
  // One left unanswered before, or taken in part, stays in doubt until its attempt is recorded.
  if (item.unanswered === 0 && !item.partly) deps.inDoubt.leave(item);
  deps.again(item);
}
