import { type FieldViolation, invalidArgument } from './tocsin-error.js';

/** Collects every wrong field of a request, so that a caller mends them in one go. */
export class Violations {
  private readonly found: FieldViolation[] = [];

  /** Notes the field when `holds` is false. */
  check(field: string, holds: boolean, description: string): void {
    if (!holds) this.found.push({ field, description });
  }

  /** Throws TocsinError INVALID_ARGUMENT with all of them, if there are any. */
  raise(): void {
    if (this.found.length > 0) throw invalidArgument(this.found);
  }
}

/** Readable on one line: well-formed, no control characters, not only blanks, within the length (UTF-16 code units). */
export function isLine(text: string, max: number): boolean {
  return text.trim() !== '' && text.length <= max && text.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text);
}

/** Characters of an idempotency key at most. */
const MAX_IDEMPOTENCY_KEY = 128;

export function checkIdempotencyKey(violations: Violations, key: string): void {
  violations.check('idempotency_key', isLine(key, MAX_IDEMPOTENCY_KEY), `must be 1 to ${MAX_IDEMPOTENCY_KEY} characters on one line`);
}
