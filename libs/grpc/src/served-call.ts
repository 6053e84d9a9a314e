import { randomBytes } from 'node:crypto';
import { type CallContext, ServerError, type ServerMiddleware, type ServerMiddlewareCall, Status } from 'nice-grpc';
import { TocsinError } from '@tocsin/errors';
import type { Counter, Histogram } from '@tocsin/observability';
import { emitting } from './emitting.js';
import { toServerError } from './error-details.js';
import { MAX_METADATA_BYTES, MAX_UNARY_MS } from './limits.js';
import { CALL_CODES } from './status-codes.js';
import type { GrpcDeps } from './server.js';

export interface CallMetrics {
  readonly calls: Counter;
  readonly seconds: Histogram;
}

/** Series of both exist at zero for every method served. */
export function serverMetrics(deps: GrpcDeps, methods: readonly string[]): CallMetrics {
  return {
    calls: deps.metrics.counter({
      name: 'grpc_server_calls_total',
      help: 'Calls answered, by method and code.',
      labels: { method: methods, code: CALL_CODES },
    }),
    seconds: deps.metrics.histogram({
      name: 'grpc_server_call_seconds',
      help: 'Time of a call, streams whole.',
      labels: { method: methods },
    }),
  };
}

/** Around every call: span, metrics, metadata limit, deadline of unary calls, and errors as status with details. */
export function servedCall(deps: GrpcDeps, metrics: CallMetrics, draining: AbortSignal): ServerMiddleware {
  let running = 0;
  deps.metrics.gauge(
    { name: 'grpc_server_calls_running', help: 'Unary calls being answered: what a service is scaled by.' },
    () => running,
  );
  return async function* served(call, context) {
    const method = call.method.path.slice(1);
    const parent = context.metadata.get('traceparent') ?? '';
    const options = { kind: 'server', ...(parent === '' ? {} : { parent }), attributes: { 'rpc.method': method } } as const;
    const started = performance.now();
    let code = 'OK';
    const translated = (error: unknown): unknown => {
      const answer = translate(error, method, context, draining, deps);
      code = codeName(answer);
      return answer;
    };
    try {
      checkMetadata(context);
      if (!call.responseStream) {
        running += 1;
        try {
          return await deps.tracing.span(method, options, () => withDeadline(call, context));
        } finally {
          running -= 1;
        }
      }
      yield* emitting((emit) =>
        deps.tracing.span(method, options, async () => {
          for await (const item of call.next(call.request, context)) await emit(item);
        }),
      );
      return;
    } catch (error) {
      throw translated(error);
    } finally {
      metrics.calls.add({ method, code });
      metrics.seconds.observe((performance.now() - started) / 1000, { method });
    }
  };
}

async function withDeadline<Request, Response>(
  call: ServerMiddlewareCall<Request, Response> & { responseStream: false },
  context: CallContext,
): Promise<Response> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = new TocsinError('DEADLINE_EXCEEDED', 'SERVER_DEADLINE', `The call ran longer than ${MAX_UNARY_MS / 1000} s.`);
    timer = setTimeout(() => reject(error), MAX_UNARY_MS);
  });
  const answer = call
    .next(call.request, context)
    .next()
    .then((result) => result.value);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function checkMetadata(context: CallContext): void {
  let bytes = 0;
  for (const [key, values] of context.metadata) for (const value of values) bytes += key.length + value.length;
  if (bytes <= MAX_METADATA_BYTES) return;
  throw new TocsinError(
    'INVALID_ARGUMENT',
    'METADATA_TOO_LARGE',
    `The call's metadata has ${bytes} bytes, at most ${MAX_METADATA_BYTES} are taken.`,
  );
}

/** What goes on the wire: expected failures as they are, anything else as INTERNAL with a reference that the log has too. */
function translate(error: unknown, method: string, context: CallContext, draining: AbortSignal, deps: GrpcDeps): unknown {
  if (error instanceof ServerError) return error;
  if (error instanceof TocsinError) {
    if (error.code === 'INTERNAL') deps.logger.error('grpc.failed', { method, reason: error.reason, error });
    return toServerError(error);
  }
  if ((error instanceof Error && error.name === 'AbortError') || context.signal.aborted) {
    if (!draining.aborted) return new ServerError(Status.CANCELLED, 'The call was cancelled.');
    return toServerError(new TocsinError('UNAVAILABLE', 'DRAINING', 'This instance is stopping; call again.'));
  }
  const reference = randomBytes(6).toString('hex');
  deps.logger.error('grpc.defect', { method, reference, error });
  const message = `The call failed inside Tocsin; the log has it under reference ${reference}.`;
  return toServerError(new TocsinError('INTERNAL', 'DEFECT', message, { metadata: { reference } }));
}

function codeName(error: unknown): string {
  return error instanceof ServerError ? (Status[error.code] ?? 'INTERNAL') : 'INTERNAL';
}
