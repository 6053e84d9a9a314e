import { collectDefaultMetrics, Counter as PromCounter, Gauge as PromGauge, Histogram as PromHistogram, Registry } from 'prom-client';
import type { CollectedValue, Counter, Gauge, Histogram, Labels, Metrics, MetricSpec } from './metrics.js';

/** Put before every name a service gives. */
const PREFIX = 'tocsin_';
/** Seconds: from one Kafka hop to the longest deadline. */
const DEFAULT_BUCKETS = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];
/** ms between samples of the event loop's delay; the library's 10 ms would wake an idle process a hundred times a second. */
const EVENT_LOOP_PRECISION = 100;
/** More series than this for one metric is a mistake: labels are for closed lists. */
const MAX_KNOWN_SERIES = 1_000;

type Collect = () => number | readonly CollectedValue[];

/** Metrics of one process on a registry of its own, with the default process and Node metrics. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION });
  const made = new Map<string, PromCounter | PromGauge | PromHistogram>();
  const collectors = new Map<string, Collect[]>();

  const once = <M extends PromCounter | PromGauge | PromHistogram>(
    spec: MetricSpec,
    type: new (...args: never[]) => M,
    make: () => M,
  ): M => {
    const existing = made.get(spec.name);
    if (existing === undefined) {
      const metric = make();
      made.set(spec.name, metric);
      return metric;
    }
    if (!(existing instanceof type)) throw new Error(`metric ${spec.name} exists with another type`);
    return existing;
  };
  const common = (spec: MetricSpec) => ({
    name: spec.name.startsWith(PREFIX) ? spec.name : PREFIX + spec.name,
    help: spec.help,
    labelNames: Object.keys(spec.labels ?? {}),
    registers: [registry],
  });

  return {
    counter(spec): Counter {
      const metric = once(spec, PromCounter, () => new PromCounter(common(spec)));
      for (const labels of knownSeries(spec)) metric.inc(labels, 0);
      return { add: (labels, value = 1) => metric.inc(labels ?? {}, value) };
    },
    gauge(spec, collect): Gauge {
      const metric = once(spec, PromGauge, () => {
        const readers: Collect[] = [];
        collectors.set(spec.name, readers);
        return new PromGauge({
          ...common(spec),
          collect(this: PromGauge) {
            for (const read of readers) for (const { labels, value } of valuesOf(read())) this.set(labels, value);
          },
        });
      });
      if (collect) collectors.get(spec.name)?.push(collect);
      else for (const labels of knownSeries(spec)) metric.inc(labels, 0);
      return { set: (value, labels) => metric.set(labels ?? {}, value) };
    },
    histogram(spec): Histogram {
      const metric = once(
        spec,
        PromHistogram,
        () => new PromHistogram({ ...common(spec), buckets: [...(spec.buckets ?? DEFAULT_BUCKETS)] }),
      );
      for (const labels of knownSeries(spec)) metric.zero(labels);
      return { observe: (value, labels) => metric.observe(labels ?? {}, value) };
    },
    text: () => registry.metrics(),
  };
}

/** Every combination of the known label values; none when a label's values are not known beforehand. */
export function knownSeries(spec: MetricSpec): Labels[] {
  let series: Record<string, string>[] = [{}];
  for (const [label, values] of Object.entries(spec.labels ?? {})) {
    series = series.flatMap((labels) => values.map((value) => ({ ...labels, [label]: value })));
    if (series.length > MAX_KNOWN_SERIES) throw new Error(`metric ${spec.name} has more than ${MAX_KNOWN_SERIES} series`);
  }
  return series;
}

function valuesOf(collected: number | readonly CollectedValue[]): readonly CollectedValue[] {
  return typeof collected === 'number' ? [{ labels: {}, value: collected }] : collected;
}
