import { open, rename, stat, mkdir, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SpanKind, SpanStatusCode, type HrTime } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { redactFields, redactText } from './redact.js';

/** Bytes of a span file before it is set aside as "<file>.1", replacing the one before: 64 MiB of disk at most. */
export const SPAN_FILE_LIMIT = 32 * 1024 * 1024;

type ResultCallback = Parameters<SpanExporter['export']>[1];
/** ExportResultCode of @opentelemetry/core, which only the exporters need. */
const SUCCESS = 0;
const FAILED = 1;

/** Writes spans as JSON lines; several processes may share the file, each line is written whole by one append. */
export class SpanFile implements SpanExporter {
  readonly #path: string;
  readonly #limit: number;
  #file: FileHandle | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, limit = SPAN_FILE_LIMIT) {
    this.#path = path;
    this.#limit = limit;
  }

  export(spans: ReadableSpan[], done: ResultCallback): void {
    const lines = spans.map((span) => `${JSON.stringify(spanLine(span))}\n`).join('');
    this.#writing = this.#writing.then(() => this.#write(lines, done));
  }

  async forceFlush(): Promise<void> {
    await this.#writing;
  }

  async shutdown(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #write(lines: string, done: ResultCallback): Promise<void> {
    try {
      await this.#append(lines);
      done({ code: SUCCESS });
    } catch (error) {
      done({ code: FAILED, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  async #append(lines: string): Promise<void> {
    const file = await this.#opened();
    await file.appendFile(lines);
    const own = await file.stat();
    if (own.size < this.#limit) return;
    // Another process may have set the file aside already: then only reopen.
    const current = await stat(this.#path).catch(() => undefined);
    if (current?.ino === own.ino) await rename(this.#path, `${this.#path}.1`);
    this.#file = undefined;
    await file.close();
  }

  async #opened(): Promise<FileHandle> {
    if (this.#file) return this.#file;
    await mkdir(dirname(this.#path), { recursive: true });
    this.#file = await open(this.#path, 'a', 0o600);
    return this.#file;
  }
}

/** One span as written: ids in hex, times in Unix milliseconds, personal data cut out of every text. */
export function spanLine(span: ReadableSpan): Record<string, unknown> {
  const context = span.spanContext();
  const links = span.links.map((link) => `${link.context.traceId}-${link.context.spanId}`);
  const events = span.events.map((event) => ({
    name: redactText(event.name),
    at: milliseconds(event.time),
    ...redactFields(event.attributes ?? {}),
  }));
  return {
    trace: context.traceId,
    span: context.spanId,
    ...(span.parentSpanContext ? { parent: span.parentSpanContext.spanId } : {}),
    name: redactText(span.name),
    kind: SpanKind[span.kind].toLowerCase(),
    start: milliseconds(span.startTime),
    ms: milliseconds(span.duration),
    ...(span.status.code === SpanStatusCode.ERROR ? { error: redactText(span.status.message ?? '') } : {}),
    service: span.resource.attributes['service.name'],
    instance: span.resource.attributes['service.instance.id'],
    attributes: redactFields(span.attributes),
    ...(links.length > 0 ? { links } : {}),
    ...(events.length > 0 ? { events } : {}),
  };
}

function milliseconds([seconds, nanoseconds]: HrTime): number {
  return Math.round(seconds * 1e6 + nanoseconds / 1e3) / 1e3;
}
