export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(labels?: Labels, value?: number): void;
}

export interface Gauge {
  set(value: number, labels?: Labels): void;
}

export interface Histogram {
  /** Seconds for *_seconds, else the unit in the name. */
  observe(value: number, labels?: Labels): void;
}

export interface MetricSpec {
  readonly name: string;
  readonly help: string;
  /** Each label with every value it is known to take: they exist at zero from the start. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  readonly buckets?: readonly number[];
}

/** Metrics of one process, named tocsin_<name>. */
export interface Metrics {
  counter(spec: MetricSpec): Counter;
  gauge(spec: MetricSpec, collect?: () => number): Gauge;
  histogram(spec: MetricSpec): Histogram;
  /** Prometheus text format. */
  text(): Promise<string>;
}
