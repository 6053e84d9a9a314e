import { setTimeout as wait } from 'node:timers/promises';
import { RETRY_RULE, TocsinError } from '@tocsin/errors';

/** A call that was given up is made again after this, ms. */
const AGAIN_MS = 500;
/** Somebody who must alert does not give up before this, ms: the longest fault and what overlaps it. */
const PATIENCE_MS = 180_000;

export interface CallTroubles {
  /** Calls that failed within their own deadline and retries, by code; an answer that says no is none. */
  readonly failed: Map<string, number>;
}

/** Makes a call again, with the same idempotency key, until it is answered; what is refused for good is thrown. */
export async function persist<T>(call: () => Promise<T>, troubles: CallTroubles): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await call();
    } catch (failure) {
      const code = failure instanceof TocsinError ? failure.code : 'UNKNOWN';
      const refused = failure instanceof TocsinError && !RETRY_RULE[failure.code].retryable && failure.code !== 'DEADLINE_EXCEEDED';
      if (!refused) troubles.failed.set(code, (troubles.failed.get(code) ?? 0) + 1);
      if (refused || performance.now() > end) throw failure;
      await wait(AGAIN_MS);
    }
  }
}
