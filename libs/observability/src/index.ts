export type { Logger } from './logger.js';
export type { Counter, Gauge, Histogram, Labels, MetricSpec, Metrics } from './metrics.js';
export type { SpanOptions, Tracing } from './tracing.js';
