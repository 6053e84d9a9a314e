import { ClientError, type CallOptions, type ClientMiddleware, Metadata } from 'nice-grpc';
import { TocsinError } from '@tocsin/errors';
import { emitting } from './emitting.js';
import { toTocsinError } from './error-details.js';
import type { DeadlineOptions } from './caller.js';
import type { GrpcDeps } from './server.js';
import { CALL_CODES } from './status-codes.js';

/** Around one try of a call: deadline, span with its traceparent in the metadata, metrics, errors as TocsinError. */
export function tryCall(deps: GrpcDeps, fixed: Readonly<Record<string, string>>): ClientMiddleware<DeadlineOptions> {
  const tries = deps.metrics.counter({
    name: 'grpc_client_tries_total',
    help: 'Tries of calls to other services, by code.',
    labels: { code: CALL_CODES },
  });
  const seconds = deps.metrics.histogram({ name: 'grpc_client_try_seconds', help: 'Time of one try, streams whole.' });

  return async function* tried(call, options) {
    const { deadlineMs = 0, signal, retry: _, ...rest } = options;
    const method = call.method.path.slice(1);
    const span = { kind: 'client', attributes: { 'rpc.method': method } } as const;
    const deadline = AbortSignal.timeout(deadlineMs);
    const left = new AbortController();
    const prepared = (): CallOptions => ({
      ...rest,
      metadata: metadataOf(options.metadata, fixed, deps.tracing.current()),
      signal: AbortSignal.any([deadline, left.signal, ...(signal ? [signal] : [])]),
    });
    const started = performance.now();
    let code = 'OK';
    try {
      if (!call.responseStream) {
        return await deps.tracing.span(method, span, async () => (await call.next(call.request, prepared()).next()).value);
      }
      yield* emitting((emit, readerGone) =>
        deps.tracing.span(method, span, async () => {
          readerGone.addEventListener('abort', () => left.abort(), { once: true });
          for await (const item of call.next(call.request, prepared())) await emit(item);
        }),
      );
      return;
    } catch (error) {
      const answer = translate(error, method, deadlineMs, deadline.aborted && signal?.aborted !== true);
      code = answer instanceof TocsinError ? answer.code : 'CANCELLED';
      throw answer;
    } finally {
      tries.add({ code });
      seconds.observe((performance.now() - started) / 1000);
    }
  };
}

function metadataOf(own: Metadata | undefined, fixed: Readonly<Record<string, string>>, traceparent: string): Metadata {
  const metadata = Metadata(own);
  for (const [key, value] of Object.entries(fixed)) if (!metadata.has(key)) metadata.set(key, value);
  if (traceparent !== '') metadata.set('traceparent', traceparent);
  return metadata;
}

function translate(error: unknown, method: string, deadlineMs: number, late: boolean): unknown {
  if (late) {
    const message = `${method} was not answered within ${Math.round(deadlineMs)} ms.`;
    return new TocsinError('DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED', message, { cause: error });
  }
  if (error instanceof ClientError) return toTocsinError(error);
  // The caller's own signal (it knows why), or a defect.
  return error;
}
