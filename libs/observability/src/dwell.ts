import type { Histogram, Metrics } from './metrics.js';

/** What a delivery waits for, in order; each is timed from the one before, the first from the release. */
export type DwellStage = 'planned' | 'granted' | 'handed-over' | 'accepted' | 'on-device';

/** Seconds: a stage of an alert takes milliseconds, that of a newsletter behind a city half an hour. */
const DWELL_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800];

/** How long deliveries took to the stages a service can see, by channel and lane; channels that are not known yet appear with their first delivery. */
export function dwellHistogram(
  metrics: Metrics,
  stage: readonly DwellStage[],
  lane: readonly string[],
  channel: readonly string[] = [],
): Histogram {
  return metrics.histogram({
    name: 'dwell_seconds',
    help: 'Time of a delivery from the stage before (release, planned, granted, handed over, accepted) to this one.',
    labels: { channel, lane, stage },
    buckets: DWELL_BUCKETS,
  });
}

/** From the release to the first hand-over: what is promised to whoever alerts. */
export function firstHandOverHistogram(metrics: Metrics, lane: readonly string[], channel: readonly string[]): Histogram {
  return metrics.histogram({
    name: 'release_to_hand_over_seconds',
    help: 'Time from the release of a campaign to the first hand-over of each of its deliveries.',
    labels: { channel, lane },
    buckets: DWELL_BUCKETS,
  });
}
