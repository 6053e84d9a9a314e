import type { ServerMiddleware } from 'nice-grpc';
import { TocsinError } from '@tocsin/errors';
import { toServerError } from './error-details.js';
import type { CallMetrics } from './served-call.js';
import type { GrpcServerOptions } from './server.js';

/** In front of everything else: what is refused here costs no span, no timer and no lookup. */
export function admitted(admit: GrpcServerOptions['admit'], metrics: CallMetrics): ServerMiddleware {
  return async function* admittedCall(call, context) {
    if (admit && !call.requestStream && !call.responseStream) {
      const method = call.method.path.slice(1);
      try {
        admit(method, call.request, context.metadata);
      } catch (error) {
        if (!(error instanceof TocsinError)) throw error;
        metrics.calls.add({ method, code: error.code });
        throw toServerError(error);
      }
    }
    return yield* call.next(call.request, context);
  };
}
