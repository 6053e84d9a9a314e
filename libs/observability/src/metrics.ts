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

/** One series of a gauge as read at a scrape. */
export interface CollectedValue {
  readonly labels: Labels;
  readonly value: number;
}

/** Metrics of one process, named tocsin_<name>. */
export interface Metrics {
  counter(spec: MetricSpec): Counter;
  /** `collect`: read at each scrape; those of a name asked for several times are all read. */
  gauge(spec: MetricSpec, collect?: () => number | readonly CollectedValue[]): Gauge;
  histogram(spec: MetricSpec): Histogram;
  /** Prometheus text format. */
  text(): Promise<string>;
}
