import type { Counter, Gauge, Histogram, Metrics } from '@tocsin/observability';
import { FAILURE_REASONS } from './failures.js';

/** Names of outcomes in metrics. */
export const OUTCOME_NAMES = ['accepted', 'failed', 'expired', 'cancelled', 'suppressed', 'returned'] as const;
export type OutcomeName = (typeof OUTCOME_NAMES)[number];

/** Seconds: a stand-in answers in one millisecond, an overloaded operator in ten seconds. */
const ROUND_TRIP_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface ChannelMetrics {
  readonly attempts: Counter;
  readonly failures: Counter;
  readonly notSubmitted: Counter;
  readonly possibleDuplicates: Counter;
  readonly duplicatesSkipped: Counter;
  readonly fenced: Counter;
  readonly deadLetters: Counter;
  readonly receipts: Counter;
  readonly replies: Counter;
  readonly roundTrip: Histogram;
  readonly routeBound: Gauge;
}

/** Figures read when asked for. */
export interface ChannelFigures {
  readonly held: () => number;
  readonly inDoubt: () => number;
  readonly inDoubtLimit: () => number;
  readonly acceptedKnown: () => number;
  readonly acceptedEvicted: () => number;
  readonly unmatchedWaiting: () => number;
  readonly suppressions: () => number;
}

/** Metrics of one channel process; all of them exist at zero from the start. */
export function channelMetrics(metrics: Metrics, routes: readonly string[], figures: ChannelFigures): ChannelMetrics {
  metrics.gauge({ name: 'channel_held', help: 'Granted items held and not yet submitted.' }, figures.held);
  metrics.gauge({ name: 'channel_in_doubt', help: 'Items submitted whose attempt Kafka has not acknowledged yet.' }, figures.inDoubt);
  metrics.gauge(
    { name: 'channel_in_doubt_limit', help: 'Most items that may be in doubt at once on the shares held.' },
    figures.inDoubtLimit,
  );
  metrics.gauge({ name: 'channel_accepted_known', help: 'Accepted attempts a receipt can be matched to.' }, figures.acceptedKnown);
  metrics.gauge({ name: 'channel_accepted_evicted', help: 'Accepted attempts forgotten for lack of room.' }, figures.acceptedEvicted);
  metrics.gauge({ name: 'channel_unmatched_waiting', help: 'Receipts whose attempt is not known yet.' }, figures.unmatchedWaiting);
  metrics.gauge({ name: 'channel_suppressions', help: 'Addresses under a STOP known to this instance.' }, figures.suppressions);
  return {
    attempts: metrics.counter({ name: 'channel_attempts_total', help: 'Attempts recorded.', labels: { outcome: OUTCOME_NAMES } }),
    failures: metrics.counter({
      name: 'channel_failures_total',
      help: 'Failed attempts by reason.',
      labels: { reason: Object.keys(FAILURE_REASONS) },
    }),
    notSubmitted: metrics.counter({
      name: 'channel_not_submitted_total',
      help: 'Submissions that did not end in an attempt, by why.',
      labels: { why: ['throttled', 'not-submitted', 'in-doubt'] },
    }),
    possibleDuplicates: metrics.counter({ name: 'channel_possible_duplicates_total', help: 'Attempts marked as possible duplicates.' }),
    duplicatesSkipped: metrics.counter({
      name: 'channel_duplicates_skipped_total',
      help: 'Grants read whose attempt is already recorded.',
    }),
    fenced: metrics.counter({ name: 'channel_fenced_total', help: 'Grant records dropped because their scheduler was replaced.' }),
    deadLetters: metrics.counter({ name: 'channel_dead_letters_total', help: 'Items and records that could not be processed.' }),
    receipts: metrics.counter({
      name: 'channel_receipts_total',
      help: 'Receipts from the provider by whether their attempt was known.',
      labels: { match: ['matched', 'unmatched', 'late'] },
    }),
    replies: metrics.counter({ name: 'channel_replies_total', help: 'Replies by kind.', labels: { kind: ['stop', 'start', 'other'] } }),
    roundTrip: metrics.histogram({ name: 'channel_submit_seconds', help: 'Submission to answer.', buckets: ROUND_TRIP_BUCKETS }),
    routeBound: metrics.gauge({ name: 'channel_route_bound', help: '1 while the route is bound.', labels: { route: routes } }),
  };
}
