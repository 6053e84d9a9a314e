export { TocsinError, invalidArgument, notFound } from './tocsin-error.js';
export type { ErrorCode, ErrorDetails, FieldViolation } from './tocsin-error.js';
export { RETRY_RULE } from './retry-rule.js';
export { Violations, checkIdempotencyKey, isLine } from './violations.js';
