import type { Counter, Gauge, Histogram, Metrics } from '@tocsin/observability';
import { FAILURE_REASONS } from './failures.js';
import { VERDICTS } from './routes/verdict.js';

/** Names of outcomes in metrics. */
export const OUTCOME_NAMES = ['accepted', 'failed', 'expired', 'cancelled', 'suppressed', 'returned'] as const;
export type OutcomeName = (typeof OUTCOME_NAMES)[number];

/** The ways a route is tested: its link, and a real message to a number of ours. */
export const LINK_TEST_KINDS = ['link', 'message'] as const;
export type LinkTestKind = (typeof LINK_TEST_KINDS)[number];

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
  readonly doubtsResolved: Counter;
  readonly routeBound: Gauge;
  readonly routeUsable: Gauge;
  readonly routePoints: Gauge;
  readonly routeCircuit: Gauge;
  readonly routeRate: Gauge;
  readonly routeAttempts: Counter;
  readonly linkTests: Counter;
  readonly linkTestOk: Gauge;
  readonly linkTestAge: Gauge;
  readonly linkTestSeconds: Histogram;
  readonly linkReceipts: Counter;
}

/** Figures read when asked for. */
export interface ChannelFigures {
  readonly held: () => number;
  readonly inDoubt: () => number;
  readonly inDoubtLimit: () => number;
  readonly acceptedKnown: () => number;
  readonly acceptedEvicted: () => number;
  readonly unmatchedWaiting: () => number;
  readonly receiptsWaiting: () => number;
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
  metrics.gauge({ name: 'channel_receipts_waiting', help: 'Receipts that wait for their turn to be taken.' }, figures.receiptsWaiting);
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
    doubtsResolved: metrics.counter({
      name: 'channel_doubts_resolved_total',
      help: 'Attempts in doubt of which the provider ruled out a second copy.',
    }),
    ...routeMetrics(metrics, routes),
    ...linkMetrics(metrics, routes),
  };
}

function routeMetrics(
  metrics: Metrics,
  route: readonly string[],
): Pick<ChannelMetrics, 'routeBound' | 'routeUsable' | 'routePoints' | 'routeCircuit' | 'routeRate' | 'routeAttempts'> {
  const gauge = (name: string, help: string): Gauge => metrics.gauge({ name, help, labels: { route } });
  return {
    routeBound: gauge('channel_route_bound', '1 while the route is bound.'),
    routeUsable: gauge('channel_route_usable', '1 while the route is bound and its circuit not open.'),
    routePoints: gauge('channel_route_points', 'Points of the route, 0 to 100: what slow and failed answers have left it.'),
    routeCircuit: gauge('channel_route_circuit', 'Circuit of the route: 0 closed, 1 on trial, 2 open.'),
    routeRate: gauge('channel_route_rate', 'Cost units a second this instance may send by the route now.'),
    routeAttempts: metrics.counter({
      name: 'channel_route_attempts_total',
      help: 'Answers by route and what they say about it.',
      labels: { route, verdict: VERDICTS },
    }),
  };
}

function linkMetrics(
  metrics: Metrics,
  route: readonly string[],
): Pick<ChannelMetrics, 'linkTests' | 'linkTestOk' | 'linkTestAge' | 'linkTestSeconds' | 'linkReceipts'> {
  const labels = { route, kind: LINK_TEST_KINDS };
  const linkTestOk = metrics.gauge({
    name: 'channel_link_test_ok',
    help: '1 if the latest test of the route passed, or none was made yet.',
    labels,
  });
  for (const name of route) for (const kind of LINK_TEST_KINDS) linkTestOk.set(1, { route: name, kind });
  return {
    linkTests: metrics.counter({
      name: 'channel_link_tests_total',
      help: 'Tests of routes by kind and outcome.',
      labels: { ...labels, outcome: ['ok', 'failed'] },
    }),
    linkTestOk,
    linkTestAge: metrics.gauge({
      name: 'channel_link_test_age_seconds',
      help: 'Seconds since the route last passed a test, or since the start; 0 for a kind this instance does not test.',
      labels,
    }),
    linkTestSeconds: metrics.histogram({
      name: 'channel_link_test_seconds',
      help: 'How long tests of routes take.',
      buckets: ROUND_TRIP_BUCKETS,
    }),
    linkReceipts: metrics.counter({
      name: 'channel_link_test_receipts_total',
      help: 'Receipts of test messages by whether they arrived.',
      labels: { route, state: ['delivered', 'other'] },
    }),
  };
}
