import type { ErrorCode } from './tocsin-error.js';

/** Whether the same call may be sent again, and why: a property of the code, never of the call site. */
export const RETRY_RULE: Readonly<Record<ErrorCode, { retryable: boolean; why: string }>> = {
  INVALID_ARGUMENT: { retryable: false, why: 'the same request stays wrong' },
  NOT_FOUND: { retryable: false, why: 'nothing appears by asking again' },
  ALREADY_EXISTS: { retryable: false, why: 'the first call has been done' },
  PERMISSION_DENIED: { retryable: false, why: 'roles do not change between two tries' },
  UNAUTHENTICATED: { retryable: false, why: 'the key stays wrong' },
  FAILED_PRECONDITION: { retryable: false, why: 'the state must be changed first' },
  RESOURCE_EXHAUSTED: { retryable: true, why: 'shed load: the answer says when' },
  ABORTED: { retryable: true, why: 'a lost guard: read again and decide again' },
  UNAVAILABLE: { retryable: true, why: 'the peer is restarting or unreachable' },
  DEADLINE_EXCEEDED: { retryable: true, why: 'creates are idempotent by key' },
  INTERNAL: { retryable: false, why: 'a defect: repeating it hides it' },
};
