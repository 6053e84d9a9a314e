import { TocsinError } from '@tocsin/errors';

/** The same idempotency key named another body before. */
export function keyReused(): TocsinError {
  return new TocsinError('ALREADY_EXISTS', 'IDEMPOTENCY_KEY_REUSED', 'This idempotency key was used for another request.');
}

/** Answers the stored thing of a repeated create; throws when its body was another one. */
export function sameBody<T extends { readonly bodyHash: string }>(stored: T, bodyHash: string): T {
  if (stored.bodyHash !== bodyHash) throw keyReused();
  return stored;
}
