import { createLogger, type LogLevel } from './create-logger.js';
import { createMetrics } from './create-metrics.js';
import { createTracing, type TracingOptions } from './create-tracing.js';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';
import type { Tracing } from './tracing.js';

export interface ObservabilityOptions extends TracingOptions {
  readonly logLevel?: LogLevel | undefined;
}

export interface Observability {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

/** Logger, metrics and tracing of one process; log lines carry the trace they were written in. */
export function createObservability(options: ObservabilityOptions): Observability {
  const tracing = createTracing(options);
  const logger = createLogger({
    service: options.service,
    instanceId: options.instanceId,
    level: options.logLevel ?? 'info',
    traceId: () => tracing.current().slice(3, 35),
  });
  return { logger, metrics: createMetrics(), tracing };
}
