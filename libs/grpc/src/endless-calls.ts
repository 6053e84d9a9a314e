import type { CallContext, ServerMiddleware } from 'nice-grpc';

/** What a call that never ends by itself (a watch) says, so that a drain need not wait for it. */
interface Terminable {
  abortOnTerminate?(): void;
}

/** Gives calls `abortOnTerminate` (the name nice-grpc's own health service looks for). */
export function endlessCalls(draining: AbortSignal): ServerMiddleware {
  return async function* endless(call, context) {
    const stop = new AbortController();
    let watching = false;
    const abort = (): void => stop.abort();
    const terminable: CallContext & Terminable = Object.assign(context, {
      signal: AbortSignal.any([context.signal, stop.signal]),
      abortOnTerminate() {
        if (watching) return;
        watching = true;
        if (draining.aborted) abort();
        else draining.addEventListener('abort', abort);
      },
    });
    try {
      return yield* call.next(call.request, terminable);
    } finally {
      draining.removeEventListener('abort', abort);
    }
  };
}

/** Says that this call goes on until its client leaves: when the server drains its signal aborts at once, and the client is told UNAVAILABLE. */
export function endOnDrain(context: CallContext & Terminable): void {
  context.abortOnTerminate?.();
}
