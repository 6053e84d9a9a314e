/** The closed list of ways an operation fails, named as gRPC names them. */
export type ErrorCode =
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'UNAUTHENTICATED'
  | 'FAILED_PRECONDITION'
  | 'RESOURCE_EXHAUSTED'
  | 'ABORTED'
  | 'UNAVAILABLE'
  | 'DEADLINE_EXCEEDED'
  | 'INTERNAL';

/** One field of a request that is wrong, with a sentence a person can act on. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

export interface ErrorDetails {
  readonly fieldViolations?: readonly FieldViolation[];
  /** Milliseconds after which a retry may succeed. */
  readonly retryAfterMs?: number;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An expected failure: its code decides retry, its reason (UPPER_SNAKE) is stable for programs, its message is one sentence for people. */
export class TocsinError extends Error {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly fieldViolations: readonly FieldViolation[];
  readonly retryAfterMs: number | undefined;
  readonly metadata: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, reason: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'TocsinError';
    this.code = code;
    this.reason = reason;
    this.fieldViolations = details.fieldViolations ?? [];
    this.retryAfterMs = details.retryAfterMs;
    this.metadata = details.metadata ?? {};
  }
}

export function invalidArgument(violations: readonly FieldViolation[], reason = 'INVALID_FIELDS'): TocsinError {
  const message = violations.map((violation) => `${violation.field}: ${violation.description}`).join('; ');
  return new TocsinError('INVALID_ARGUMENT', reason, message, { fieldViolations: violations });
}

/** The same shape whether a thing does not exist or belongs to another tenant. */
export function notFound(what: string): TocsinError {
  return new TocsinError('NOT_FOUND', 'NOT_FOUND', `${what} not found.`);
}
