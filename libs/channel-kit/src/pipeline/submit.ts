import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import type { RouteDriver, SubmitAnswer, Submission } from '../channel.js';
import type { ChannelMetrics } from '../metrics.js';
import type { AttemptFacts } from './attempt-of.js';
import type { DrainMeter } from './drain-meter.js';
import type { HeldItem } from './held-item.js';
import type { InDoubt } from './in-doubt.js';
import type { PacedRoute, Underway } from './paced-route.js';

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
  /** What an answer says about the route it came by. */
  judged(route: PacedRoute, answer: SubmitAnswer, flight: Underway): void;
  /** The provider has decided. */
  ended(item: HeldItem, facts: AttemptFacts): void;
  /** Not an attempt: the item waits for its next turn. */
  again(item: HeldItem, route: PacedRoute): void;
}

/** One submission whose answer is awaited. */
interface Flight extends Underway {
  readonly route: PacedRoute;
  readonly item: HeldItem;
  readonly cost: number;
  /** Unix ms. */
  readonly submittedAt: number;
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
    route.underway.add(flight);
    answerOf(route.driver, item, submission).then(
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
    route.underway.delete(flight);
    const now = deps.clock.monotonic();
    deps.meter.roundTrip(now - flight.started);
    deps.metrics.roundTrip.observe((now - flight.started) / 1_000);
    deps.judged(route, answer, flight);
    switch (answer.kind) {
      case 'accepted':
        route.taken += 1;
        deps.meter.drained(cost, now);
        if (item.possibleDuplicate && item.doubtfulAt === route.driver.provider) {
          item.possibleDuplicate = false;
          item.doubtResolved = true;
        }
        return this.#ended(flight, answer, Outcome.ACCEPTED, '', answer.providerIds);
      case 'failed':
        deps.meter.drained(cost, now);
        return this.#ended(flight, answer, Outcome.FAILED, answer.reason);
      case 'throttled':
        route.bucket.throttle(now);
        route.notBefore = Math.max(route.notBefore, now + THROTTLED_REST_MS);
        if (throttledAlone(item, route)) return this.#ended(flight, answer, Outcome.FAILED, 'PROVIDER_BUSY');
        return notSubmitted(deps, flight, 'throttled', answer.partly);
      case 'not-submitted':
        route.bucket.giveBack(cost);
        route.notBefore = Math.max(route.notBefore, now + NOT_SUBMITTED_REST_MS);
        return notSubmitted(deps, flight, 'not-submitted', answer.partly);
      case 'in-doubt':
        deps.metrics.notSubmitted.add({ why: 'in-doubt' });
        leaveInDoubt(item, route);
        item.doubtfulSince = flight.submittedAt;
        if (item.unanswered > MAX_UNANSWERED) return this.#ended(flight, answer, Outcome.FAILED, 'TIMED_OUT');
        return deps.again(item, route);
    }
  }

  #ended(flight: Flight, answer: SubmitAnswer, outcome: Outcome, reason: string, providerIds = NO_IDS): void {
    this.deps.ended(flight.item, {
      outcome,
      reason,
      provider: flight.route.driver.provider,
      route: flight.route.driver.routeId,
      providerCode: answer.code,
      providerIds,
      submittedAt: flight.submittedAt,
      answeredAt: this.deps.clock.now(),
      cost: flight.cost,
    });
  }
}

/** What may be at a provider that can be asked is asked for before it is submitted again. */
async function answerOf(driver: RouteDriver, item: HeldItem, submission: Submission): Promise<SubmitAnswer> {
  const found = item.possibleDuplicate ? await driver.find?.(submission, SUBMIT_DEADLINE_MS) : undefined;
  switch (found?.kind) {
    case 'taken':
      return { kind: 'accepted', providerIds: found.providerIds, code: found.code };
    case 'unknown':
      return { kind: 'not-submitted', code: found.code };
    case 'absent':
      // It may still be on its way there: what is sent now stays marked.
      item.doubtfulAt = '';
      break;
    case undefined:
  }
  return driver.submit(submission, SUBMIT_DEADLINE_MS);
}

/** Whether a provider can tell a delivery it was given before. */
export function knowsAgain({ idempotency = 'none' }: RouteDriver): boolean {
  return idempotency !== 'none';
}

function throttledAlone(item: HeldItem, route: PacedRoute): boolean {
  if (item.throttled === 0) item.takenBefore = route.taken;
  item.throttled += 1;
  return item.throttled >= MAX_THROTTLED_ALONE && route.taken - item.takenBefore >= MAX_THROTTLED_ALONE;
}

/** Its provider rules out a second copy only if it is the only one that may have the first. */
function leaveInDoubt(item: HeldItem, { driver }: PacedRoute): void {
  const alone = !item.possibleDuplicate || item.doubtfulAt === driver.provider;
  item.doubtfulAt = knowsAgain(driver) && alone ? driver.provider : '';
  item.unanswered += 1;
  item.possibleDuplicate = true;
}

function notSubmitted(deps: SubmitDeps, { item, route }: Flight, why: 'throttled' | 'not-submitted', partly = false): void {
  deps.metrics.notSubmitted.add({ why });
  item.partly ||= partly;
  // One left unanswered before, or taken in part, stays in doubt until its attempt is recorded.
  if (item.unanswered === 0 && !item.partly) deps.inDoubt.leave(item);
  deps.again(item, route);
}
