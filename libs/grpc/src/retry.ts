import { setTimeout as pause } from 'node:timers/promises';
import { RETRY_RULE, TocsinError } from '@tocsin/errors';

/** Tries of a call whose peer answers but refuses (lost guard, shed load); a peer that is away is tried until the deadline. */
const MAX_REFUSED_TRIES = 4;
/** Milliseconds of the first pause at most; doubled each time. */
const FIRST_PAUSE_MS = 50;
/** Milliseconds of a pause at most: an instance restarts in 0.2-5 s. */
const MAX_PAUSE_MS = 1_000;

/** Milliseconds before the next try, or undefined when there is none: `tried` counts the tries made, `random` is in [0, 1). */
export function pauseBeforeRetry(error: unknown, tried: number, remainingMs: number, random: number): number | undefined {
  if (!(error instanceof TocsinError) || !RETRY_RULE[error.code].retryable) return undefined;
  if (error.code !== 'UNAVAILABLE' && tried >= MAX_REFUSED_TRIES) return undefined;
  const ceiling = Math.min(FIRST_PAUSE_MS * 2 ** (tried - 1), MAX_PAUSE_MS);
  const told = error.retryAfterMs ?? 0;
  // A part of it fixed, a part at random: clients that failed or were shed together do not come back together, and never sooner than they were told.
  const wait = Math.max(told, ceiling / 2) + (Math.max(told, ceiling) / 2) * random;
  return wait < remainingMs ? wait : undefined;
}

/** Tries until it works, the code says no, or the deadline would pass; each try gets what is left of it. */
export async function withRetries<T>(
  deadlineMs: number,
  signal: AbortSignal | undefined,
  attempt: (remainingMs: number) => Promise<T>,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt(Math.max(1, Math.ceil(end - performance.now())));
    } catch (error) {
      const wait = pauseBeforeRetry(error, tried, end - performance.now(), Math.random());
      if (wait === undefined || signal?.aborted === true) throw error;
      await pause(wait, undefined, signal ? { signal } : {});
    }
  }
}
