export interface SpanOptions {
  readonly kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** W3C traceparent of the parent; the active span when absent. */
  readonly parent?: string;
  /** Traceparents of spans this one follows (a batch has many). */
  readonly links?: readonly string[];
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  /** On a path taken many times a second: recorded only within the process's budget of such spans, its context passed on all the same. */
  readonly hot?: boolean;
}

/** Traces that cross Kafka and gRPC: the libraries put `current()` on what they send and pass `parent` on what they receive. */
export interface Tracing {
  span<T>(name: string, options: SpanOptions, body: () => Promise<T>): Promise<T>;
  /** traceparent of the active span, '' when there is none. */
  current(): string;
  shutdown(): Promise<void>;
}
