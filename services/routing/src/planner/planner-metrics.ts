import { LANES } from '@tocsin/contracts';
import { dwellHistogram, type Counter, type Gauge, type Histogram, type Metrics } from '@tocsin/observability';

export interface PlannerMetrics {
  readonly pages: Counter;
  readonly slices: Counter;
  readonly halted: Counter;
  readonly refused: Counter;
  readonly failures: Counter;
  readonly open: Gauge;
  readonly firstSlice: Histogram;
  readonly dwell: Histogram;
}

export function plannerMetrics(metrics: Metrics): PlannerMetrics {
  return {
    pages: metrics.counter({ name: 'planner_pages_total', help: 'Register pages read for plans.' }),
    slices: metrics.counter({ name: 'planner_slices_total', help: 'Slices announced and acknowledged.' }),
    halted: metrics.counter({ name: 'planner_expansion_halted_total', help: 'Plans halted above 3 times their approved estimate.' }),
    refused: metrics.counter({ name: 'planner_audience_refused_total', help: 'Plans whose audience the register refused for good.' }),
    failures: metrics.counter({ name: 'planner_step_failures_total', help: 'Steps of plans that failed and are tried again.' }),
    open: metrics.gauge({ name: 'planner_plans_open', help: 'Plans in work at this instance.' }),
    firstSlice: metrics.histogram({
      name: 'planner_first_slice_seconds',
      help: 'From release to the first slice acknowledged.',
      buckets: [0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 30],
    }),
    dwell: dwellHistogram(
      metrics,
      ['planned', 'granted'],
      LANES.map((row) => row.name),
    ),
  };
}
