import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

/** ms after which a collector that does not answer loses a batch. */
const OTLP_TIMEOUT = 5_000;
const FAILED = 1;

type ResultCallback = Parameters<SpanExporter['export']>[1];

/** Sends spans by OTLP over HTTP; the exporter is loaded with the first batch, so that a process without a collector does not carry it. */
export class OtlpSpans implements SpanExporter {
  readonly #url: string;
  #exporter: Promise<SpanExporter> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  export(spans: ReadableSpan[], done: ResultCallback): void {
    void this.#send(spans, done);
  }

  async forceFlush(): Promise<void> {
    await (await this.#exporter)?.forceFlush?.();
  }

  async shutdown(): Promise<void> {
    await (await this.#exporter)?.shutdown();
  }

  async #send(spans: ReadableSpan[], done: ResultCallback): Promise<void> {
    try {
      (await this.#loaded()).export(spans, done);
    } catch (error) {
      done({ code: FAILED, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  #loaded(): Promise<SpanExporter> {
    this.#exporter ??= import('@opentelemetry/exporter-trace-otlp-http').then(
      ({ OTLPTraceExporter }) => new OTLPTraceExporter({ url: this.#url, timeoutMillis: OTLP_TIMEOUT }),
    );
    return this.#exporter;
  }
}
