import { LANES } from '@tocsin/contracts';
import { dwellHistogram, type Counter, type Gauge, type Histogram, type Metrics } from '@tocsin/observability';
import type { ChannelState } from './channel-state.js';
import type { GrantBatch } from './grant-turn.js';
import { longestWaits } from './longest-waits.js';

export interface SchedulerMetrics {
  readonly window: Gauge;
  readonly outstanding: Gauge;
  readonly drain: Gauge;
  readonly backlog: Gauge;
  readonly epoch: Gauge;
  readonly liveShares: Gauge;
  readonly grants: Counter;
  readonly picks: Counter;
  readonly takeovers: Counter;
  readonly lost: Counter;
  readonly checkpointFailures: Counter;
  readonly badRecords: Counter;
  readonly slowed: Counter;
  readonly waiting: Gauge;
  readonly dwell: Histogram;
  readonly stages: Histogram;
  readonly longestWait: Gauge;
  readonly held: Gauge;
}

const lane = LANES.map((row) => row.name);

/** Metrics by channel appear with the channel; those by lane exist at zero from the start. */
export function schedulerMetrics(metrics: Metrics): SchedulerMetrics {
  return {
    window: metrics.gauge({ name: 'scheduler_window_units', help: 'Granted window, cost units.', labels: { channel: [] } }),
    outstanding: metrics.gauge({ name: 'scheduler_outstanding', help: 'Grants without an attempt.', labels: { channel: [] } }),
    drain: metrics.gauge({
      name: 'scheduler_drain_units',
      help: 'Cost units a second handed over while there was always something to hand over, 0 = not seen lately.',
      labels: { channel: [] },
    }),
    backlog: metrics.gauge({ name: 'scheduler_backlog_slices', help: 'Slices not granted to the end.', labels: { channel: [], lane } }),
    epoch: metrics.gauge({ name: 'scheduler_epoch', help: 'Epoch of the owned scheduler.', labels: { channel: [] } }),
    liveShares: metrics.gauge({
      name: 'scheduler_live_shares',
      help: 'Shares whose owner reports a bound route.',
      labels: { channel: [] },
    }),
    grants: metrics.counter({ name: 'scheduler_grant_records_total', help: 'Grant records written.', labels: { lane } }),
    picks: metrics.counter({ name: 'scheduler_picks_total', help: 'Items granted.', labels: { lane } }),
    takeovers: metrics.counter({ name: 'scheduler_takeovers_total', help: 'Schedulers taken over by this instance.' }),
    lost: metrics.counter({
      name: 'scheduler_lost_total',
      help: 'Schedulers given up because another instance took them or a send failed.',
    }),
    checkpointFailures: metrics.counter({ name: 'scheduler_checkpoint_failures_total', help: 'Checkpoints that the store did not take.' }),
    badRecords: metrics.counter({ name: 'scheduler_bad_records_total', help: 'Records of its topics that could not be used.' }),
    slowed: metrics.counter({
      name: 'scheduler_slowed_campaigns_total',
      help: 'Campaigns that met a limit of their tenant, or an operator’s hold, on a channel, once each and reason.',
      labels: { reason: ['BEYOND_LIFE_SAFETY_BUDGET', 'QUOTA_REACHED', 'HELD_BY_OPERATOR'] },
    }),
    waiting: metrics.gauge({
      name: 'scheduler_waiting_campaigns',
      help: 'Campaigns that wait for their pace, a quota or a budget.',
      labels: { channel: [] },
    }),
    dwell: metrics.histogram({
      name: 'scheduler_dwell_seconds',
      help: 'From grant to attempt read back, by lane.',
      labels: { lane },
      buckets: [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 30],
    }),
    stages: dwellHistogram(metrics, ['planned', 'granted'], lane),
    longestWait: metrics.gauge({
      name: 'scheduler_longest_wait_seconds',
      help: 'Longest time a campaign that no limit of its own holds has been granted nothing, by lane; 0 = none waits.',
      labels: { channel: [], lane },
    }),
    held: metrics.gauge({
      name: 'scheduler_held_campaigns',
      help: 'Campaigns with something to do that operators hold (their lane, their tenant or themselves).',
      labels: { channel: [], lane },
    }),
  };
}

/** Gauges of one owned scheduler, after a turn. */
export function showState(metrics: SchedulerMetrics, channel: string, state: ChannelState, now: number): void {
  const live = state.shares.live(now);
  metrics.window.set(state.window.size(live), { channel });
  metrics.outstanding.set(state.outstanding.size, { channel });
  metrics.waiting.set(state.gates.size, { channel });
  metrics.liveShares.set(live.shares.length, { channel });
  LANES.forEach((row, place) => metrics.backlog.set(state.index.backlogOf(place), { channel, lane: row.name }));
}

/** How long what was granted had waited since it was planned. */
export function timeGrants(metrics: SchedulerMetrics, channel: string, batches: readonly GrantBatch[], now: number): void {
  for (const { lane, plannedAt } of batches) {
    const labels = { channel, lane: LANES[lane]?.name ?? '', stage: 'granted' };
    for (const at of plannedAt) if (at !== undefined) metrics.stages.observe(Math.max(0, now - at) / 1_000, labels);
  }
}

/** Who has waited longest, told about once a second: it looks at every campaign. */
export function showWaits(metrics: SchedulerMetrics, channel: string, state: ChannelState, now: number): void {
  const waits = longestWaits(state, now);
  LANES.forEach(({ name }, lane) => {
    metrics.longestWait.set((waits.byLane[lane] ?? 0) / 1_000, { channel, lane: name });
    metrics.held.set(waits.heldByLane[lane] ?? 0, { channel, lane: name });
  });
}

/** A channel that is somebody else's has nothing here. */
export function clearState(metrics: SchedulerMetrics, channel: string): void {
  for (const gauge of [metrics.window, metrics.outstanding, metrics.waiting, metrics.liveShares, metrics.drain]) gauge.set(0, { channel });
  for (const { name } of LANES)
    for (const gauge of [metrics.backlog, metrics.longestWait, metrics.held]) gauge.set(0, { channel, lane: name });
}
