import type { ErrorCode } from '@tocsin/errors';

/** What the command line tells a script; documented in the README beside it. */
export const EXIT = { ok: 0, failed: 1, usage: 2, denied: 3, notFound: 4, unavailable: 5 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_CODE: Readonly<Record<ErrorCode, ExitCode>> = {
  INVALID_ARGUMENT: EXIT.failed,
  NOT_FOUND: EXIT.notFound,
  ALREADY_EXISTS: EXIT.failed,
  PERMISSION_DENIED: EXIT.denied,
  UNAUTHENTICATED: EXIT.denied,
  FAILED_PRECONDITION: EXIT.failed,
  RESOURCE_EXHAUSTED: EXIT.unavailable,
  ABORTED: EXIT.failed,
  UNAVAILABLE: EXIT.unavailable,
  DEADLINE_EXCEEDED: EXIT.unavailable,
  INTERNAL: EXIT.failed,
};

export function exitCodeOf(code: ErrorCode): ExitCode {
  return BY_CODE[code];
}
