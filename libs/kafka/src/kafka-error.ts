import { TocsinError } from '@tocsin/errors';

/** What the protocol layer throws, as far as decisions rest on it. */
interface ProtocolError {
  readonly name: string;
  readonly message: string;
  /** Kafka's name of the error, e.g. "REBALANCE_IN_PROGRESS"; absent for what happened to the connection. */
  readonly type?: string;
  readonly cause?: unknown;
}

/** Kafka's name of an error, '' when it is none of Kafka's; wrappers of the protocol layer's own retries are looked through. */
export function kafkaErrorType(error: unknown): string {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    const { type, cause } = current as Error & ProtocolError;
    if (typeof type === 'string') return type;
    current = cause as Error;
  }
  return '';
}

/**
 * Errors that only a person or another configuration mends; the process ends and says which. A refused password is none of them: while it is being
 * replaced, the next connection reads the new one.
 */
const FATAL: ReadonlySet<string> = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'UNSUPPORTED_VERSION',
  'INCONSISTENT_GROUP_PROTOCOL',
  'INVALID_GROUP_ID',
  'INVALID_SESSION_TIMEOUT',
  'INVALID_TOPIC_EXCEPTION',
]);

export function isFatal(error: unknown): boolean {
  return FATAL.has(kafkaErrorType(error));
}

/** Errors after which the connection and its metadata are as good as before: all others are answered by a new client. */
const KEEPS_CONNECTION: ReadonlySet<string> = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'MEMBER_ID_REQUIRED',
  'OFFSET_OUT_OF_RANGE',
  'GROUP_LOAD_IN_PROGRESS',
  'TOPIC_ALREADY_EXISTS',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
]);

export function keepsConnection(error: unknown): boolean {
  return KEEPS_CONNECTION.has(kafkaErrorType(error));
}

export function unavailable(what: string, cause: unknown): TocsinError {
  return new TocsinError('UNAVAILABLE', 'KAFKA_UNAVAILABLE', `Kafka did not take part in time: ${what}.`, { cause });
}
