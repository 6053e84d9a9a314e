import { ResponderBuilder, ServerInterceptingCall, ServerListenerBuilder, status, type ServerInterceptor } from '@grpc/grpc-js';
import { mayCall } from '@tocsin/contracts';
import type { Logger, Metrics } from '@tocsin/observability';

/** Refuses a call whose caller, by the name in its certificate, has no business with the method (the table CALLERS of libs/contracts). */
export function knownCallers(deps: { readonly logger: Logger; readonly metrics: Metrics }): ServerInterceptor {
  const refused = deps.metrics.counter({
    name: 'grpc_callers_refused_total',
    help: 'Calls refused because the caller’s certificate has no business with the method.',
  });
  return (method, call) => {
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const caller = commonName(call.getAuthContext().sslPeerCertificate?.subject.CN);
        const called = method.path.slice(1);
        if (mayCall(caller, called)) return next(metadata);
        refused.add();
        deps.logger.warn('grpc.caller-refused', { caller, method: called });
        call.sendStatus({ code: status.PERMISSION_DENIED, details: `The certificate of "${caller}" is not allowed to call ${called}.` });
      })
      .build();
    return new ServerInterceptingCall(call, new ResponderBuilder().withStart((next) => next(listener)).build());
  };
}

/** A name given twice is nobody's. */
export function commonName(given: string | string[] | undefined): string {
  return typeof given === 'string' ? given : '';
}
