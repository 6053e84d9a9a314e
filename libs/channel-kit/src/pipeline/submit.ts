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

/** Hands one item to a provider and reads its answer. */
export function submit(deps: SubmitDeps, route: PacedRoute, item: HeldItem, submission: Submission): void {
  const { clock } = deps;
  const submittedAt = clock.now();
  const started = clock.monotonic();
  const cost = submission.rendered.cost;
  item.state = 'submitted';
  deps.inDoubt.enter(item);
  route.bucket.take(cost, started);
  route.started(item.share);
  const answered = (answer: SubmitAnswer): void => {
    route.ended(item.share);
    const now = clock.monotonic();
    deps.meter.roundTrip(now - started);
    deps.metrics.roundTrip.observe((now - started) / 1_000);
    const facts = {
      provider: route.driver.provider,
      providerCode: answer.code,
      providerIds: [],
      submittedAt,
      answeredAt: clock.now(),
      cost,
    };
    switch (answer.kind) {
      case 'accepted':
        route.taken += 1;
        deps.meter.drained(cost, now);
        return deps.ended(item, { ...facts, outcome: Outcome.ACCEPTED, reason: '', providerIds: answer.providerIds });
      case 'failed':
        deps.meter.drained(cost, now);
        return deps.ended(item, { ...facts, outcome: Outcome.FAILED, reason: answer.reason });
      case 'throttled':
        route.bucket.throttle(now);
        route.notBefore = Math.max(route.notBefore, now + THROTTLED_REST_MS);
        if (throttledAlone(item, route)) return deps.ended(item, { ...facts, outcome: Outcome.FAILED, reason: 'PROVIDER_BUSY' });
        return notSubmitted(deps, item, 'throttled', answer.partly);
      case 'not-submitted':
        route.bucket.giveBack(cost);
        route.notBefore = Math.max(route.notBefore, now + NOT_SUBMITTED_REST_MS);
        return notSubmitted(deps, item, 'not-submitted', answer.partly);
      case 'in-doubt':
        deps.metrics.notSubmitted.add({ why: 'in-doubt' });
        item.unanswered += 1;
        item.possibleDuplicate = true;
        item.doubtfulSince = submittedAt;
        if (item.unanswered > MAX_UNANSWERED) return deps.ended(item, { ...facts, outcome: Outcome.FAILED, reason: 'TIMED_OUT' });
        return deps.again(item);
    }
  };
  void answerOf(deps, route, submission).then(answered);
}

/** A driver that throws instead of answering leaves the item in doubt. */
async function answerOf(deps: SubmitDeps, route: PacedRoute, submission: Submission): Promise<SubmitAnswer> {
  try {
    return await route.driver.submit(submission, SUBMIT_DEADLINE_MS);
  } catch (error) {
    deps.logger.error('submit.driver-threw', { route: route.driver.routeId, error });
    return { kind: 'in-doubt', code: 'DRIVER_THREW' };
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
