import type { ClientError } from 'nice-grpc';
import { BadRequest, ErrorInfo, type ErrorDetails, RetryInfo, RichClientError, RichServerError } from 'nice-grpc-error-details';
import { TocsinError } from '@tocsin/errors';
import { codeOf, STATUS_OF } from './status-codes.js';

/** google.rpc.ErrorInfo.domain of every reason of ours. */
const DOMAIN = 'tocsin';
/** Field violations sent at most: trailers must stay below a peer's header limit. */
const MAX_VIOLATIONS = 30;
/** Characters of a message sent at most. */
const MAX_MESSAGE = 1_000;

/** Code and message as gRPC status; reason, metadata, field violations and retry delay as google.rpc details. */
export function toServerError(error: TocsinError): RichServerError {
  const details: ErrorDetails[] = [ErrorInfo.fromPartial({ reason: error.reason, domain: DOMAIN, metadata: { ...error.metadata } })];
  if (error.fieldViolations.length > 0) {
    const fieldViolations = error.fieldViolations.slice(0, MAX_VIOLATIONS).map((violation) => ({ ...violation }));
    details.push(BadRequest.fromPartial({ fieldViolations }));
  }
  if (error.retryAfterMs !== undefined) {
    const seconds = Math.floor(error.retryAfterMs / 1000);
    details.push(RetryInfo.fromPartial({ retryDelay: { seconds, nanos: Math.round((error.retryAfterMs - seconds * 1000) * 1e6) } }));
  }
  return new RichServerError(STATUS_OF[error.code], error.message.slice(0, MAX_MESSAGE), details);
}

/** What a server of ours sent, whole; what any other peer or the transport says, with the code's name as reason. */
export function toTocsinError(error: ClientError): TocsinError {
  const code = codeOf(error.code, error.details);
  const found = error instanceof RichClientError ? readDetails(error.extra) : {};
  const message = error.details === '' ? `${error.path} failed with ${code}.` : error.details;
  return new TocsinError(code, found.reason ?? code, message, { ...found.details, cause: error });
}

interface FoundDetails {
  readonly reason?: string;
  readonly details?: ConstructorParameters<typeof TocsinError>[3];
}

function readDetails(extra: readonly ErrorDetails[]): FoundDetails {
  let found: FoundDetails = {};
  for (const detail of extra) {
    switch (detail.$type) {
      case ErrorInfo.$type:
        if (detail.domain === DOMAIN) found = { reason: detail.reason, details: { ...found.details, metadata: detail.metadata } };
        break;
      case BadRequest.$type: {
        const fieldViolations = detail.fieldViolations.map(({ field, description }) => ({ field, description }));
        found = { ...found, details: { ...found.details, fieldViolations } };
        break;
      }
      case RetryInfo.$type: {
        const delay = detail.retryDelay;
        if (delay) found = { ...found, details: { ...found.details, retryAfterMs: delay.seconds * 1000 + delay.nanos / 1e6 } };
        break;
      }
      default:
        break;
    }
  }
  return found;
}
