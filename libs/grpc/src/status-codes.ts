import { Status } from 'nice-grpc';
import type { ErrorCode } from '@tocsin/errors';

/** Our closed list on gRPC's codes. */
export const STATUS_OF: Readonly<Record<ErrorCode, Status>> = {
  INVALID_ARGUMENT: Status.INVALID_ARGUMENT,
  NOT_FOUND: Status.NOT_FOUND,
  ALREADY_EXISTS: Status.ALREADY_EXISTS,
  PERMISSION_DENIED: Status.PERMISSION_DENIED,
  UNAUTHENTICATED: Status.UNAUTHENTICATED,
  FAILED_PRECONDITION: Status.FAILED_PRECONDITION,
  RESOURCE_EXHAUSTED: Status.RESOURCE_EXHAUSTED,
  ABORTED: Status.ABORTED,
  UNAVAILABLE: Status.UNAVAILABLE,
  DEADLINE_EXCEEDED: Status.DEADLINE_EXCEEDED,
  INTERNAL: Status.INTERNAL,
};

/** gRPC's codes on our closed list. */
const CODE_OF: Readonly<Record<Status, ErrorCode>> = {
  [Status.OK]: 'INTERNAL',
  // The peer gave the call up while it drained: another instance will take it.
  [Status.CANCELLED]: 'UNAVAILABLE',
  [Status.UNKNOWN]: 'INTERNAL',
  [Status.INVALID_ARGUMENT]: 'INVALID_ARGUMENT',
  [Status.DEADLINE_EXCEEDED]: 'DEADLINE_EXCEEDED',
  [Status.NOT_FOUND]: 'NOT_FOUND',
  [Status.ALREADY_EXISTS]: 'ALREADY_EXISTS',
  [Status.PERMISSION_DENIED]: 'PERMISSION_DENIED',
  [Status.RESOURCE_EXHAUSTED]: 'RESOURCE_EXHAUSTED',
  [Status.FAILED_PRECONDITION]: 'FAILED_PRECONDITION',
  [Status.ABORTED]: 'ABORTED',
  [Status.OUT_OF_RANGE]: 'INVALID_ARGUMENT',
  // A peer of yesterday does not know the call yet.
  [Status.UNIMPLEMENTED]: 'FAILED_PRECONDITION',
  [Status.INTERNAL]: 'INTERNAL',
  [Status.UNAVAILABLE]: 'UNAVAILABLE',
  [Status.DATA_LOSS]: 'INTERNAL',
  [Status.UNAUTHENTICATED]: 'UNAUTHENTICATED',
};

/** What grpc-js says, as INTERNAL, when a connection broke under a running call. */
const BROKEN_CONNECTION = /RST_STREAM|ECONNRESET|EPIPE|socket hang up/;

export function codeOf(status: Status, message: string): ErrorCode {
  if (status === Status.INTERNAL && BROKEN_CONNECTION.test(message)) return 'UNAVAILABLE';
  return CODE_OF[status] ?? 'INTERNAL';
}

/** Every code a call can end with, for metrics. */
export const CALL_CODES: readonly string[] = ['OK', 'CANCELLED', ...Object.keys(STATUS_OF)];
