import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Link,
  type Span,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import { OtlpSpans } from './otlp-spans.js';
import { redactFields, redactText } from './redact.js';
import { SpanBudget } from './span-budget.js';
import { SpanFile } from './span-file.js';
import { formatTraceparent, parseTraceparent } from './traceparent.js';
import type { SpanOptions, Tracing } from './tracing.js';

/** Spans waiting to be written; more are dropped, never the work they describe. */
const MAX_QUEUED_SPANS = 2_048;
/** ms between two writes. */
const EXPORT_INTERVAL = 2_000;
/** Links kept of a batch: the first ones show where it came from. */
export const MAX_LINKS = 32;
/** ms a shutdown waits for a collector. */
const SHUTDOWN_DEADLINE = 2_000;
/** Spans a second of hot paths (batches of records) when no setting says otherwise: a quiet system is traced whole, a busy one bounded. */
export const DEFAULT_HOT_SPANS_PER_SECOND = 20;

export interface TracingOptions {
  readonly service: string;
  readonly instanceId: string;
  readonly traceFile?: string | undefined;
  readonly otlpUrl?: string | undefined;
  /** Part of new traces recorded, 0 to 1 (1 by default). */
  readonly sampleRatio?: number | undefined;
  /** Most spans a second of those marked hot; the others of them only pass their context on. */
  readonly hotSpansPerSecond?: number | undefined;
}

const KINDS: Readonly<Record<NonNullable<SpanOptions['kind']>, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/** Tracing of one process, independent of the API's global state: spans go to a local file and, by setting, to an OTLP collector. */
export function createTracing(options: TracingOptions): Tracing {
  const exporters: SpanExporter[] = [];
  if (options.traceFile) exporters.push(new SpanFile(options.traceFile));
  if (options.otlpUrl) exporters.push(new OtlpSpans(options.otlpUrl));
  const root = exporters.length === 0 ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(options.sampleRatio ?? 1);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': options.service, 'service.instance.id': options.instanceId }),
    sampler: new ParentBasedSampler({ root }),
    spanProcessors: exporters.map(
      (exporter) => new BatchSpanProcessor({ exporter, maxQueueSize: MAX_QUEUED_SPANS, scheduledDelayMillis: EXPORT_INTERVAL }),
    ),
  });
  const tracer = provider.getTracer('tocsin');
  const contexts = new AsyncLocalStorageContextManager().enable();
  const budget = new SpanBudget(options.hotSpansPerSecond ?? DEFAULT_HOT_SPANS_PER_SECOND);
  const off = exporters.length === 0;

  const start = (name: string, span: SpanOptions, parent: Context): Span =>
    // Redacted here, before any exporter sees it: a collector is outside.
    tracer.startSpan(
      redactText(name),
      {
        kind: KINDS[span.kind ?? 'internal'],
        ...(span.attributes ? { attributes: redactFields(span.attributes) as Attributes } : {}),
        links: linksOf(span.links),
      },
      parent,
    );

  return {
    async span(name, spanOptions, body) {
      const parent = parentOf(spanOptions.parent, contexts.active());
      // Not recorded: the caller's context is passed on as it is, so what follows still belongs to the caller's trace.
      if (off || (spanOptions.hot === true && !budget.take(performance.now()))) return contexts.with(parent, body);
      const span = start(name, spanOptions, parent);
      try {
        const result = await contexts.with(trace.setSpan(parent, span), body);
        span.end();
        return result;
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: describe(error) });
        span.end();
        throw error;
      }
    },
    current() {
      const active = trace.getSpanContext(contexts.active());
      return active ? formatTraceparent(active) : '';
    },
    async shutdown() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, SHUTDOWN_DEADLINE);
      });
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
      contexts.disable();
    },
  };
}

function parentOf(traceparent: string | undefined, active: Context): Context {
  const remote = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  return remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : active;
}

function linksOf(traceparents: readonly string[] = []): Link[] {
  const links: Link[] = [];
  for (const traceparent of new Set(traceparents)) {
    const linked = parseTraceparent(traceparent);
    // A span nobody recorded cannot be followed.
    if (linked && linked.traceFlags & TraceFlags.SAMPLED) links.push({ context: linked });
    if (links.length === MAX_LINKS) break;
  }
  return links;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return redactText(String(error));
  const { reason } = error as { reason?: unknown };
  return redactText(`${typeof reason === 'string' ? reason : error.name}: ${error.message}`);
}
