import type { FailureReason } from './channel.js';

/**
 * What a failure says about the route it came by. `yes`: another route would probably have taken it, so it costs points and, many in a row, opens the
 * circuit. `perhaps`: points only, since a text nobody will carry is refused just so and must not hold up everybody else. `no`: it is about the
 * recipient, the words or ourselves, and tells that the route works.
 */
export type BlamesRoute = 'yes' | 'perhaps' | 'no';

interface FailureRule {
  readonly retryable: boolean;
  readonly blamesRoute: BlamesRoute;
  readonly why: string;
}

/** Whether an attempt that failed for this reason may be tried again, whether its route is to blame, and why: decided here and nowhere else. */
export const FAILURE_REASONS: Readonly<Record<FailureReason, FailureRule>> = {
  ADDRESS_UNKNOWN: { retryable: false, blamesRoute: 'no', why: 'the address does not exist and will not by asking again' },
  ADDRESS_REFUSED: { retryable: false, blamesRoute: 'no', why: 'the provider may not or will not reach this address' },
  MAILBOX_FULL: { retryable: true, blamesRoute: 'no', why: 'people empty mailboxes' },
  CONTENT_REFUSED: { retryable: false, blamesRoute: 'no', why: 'the same words are refused again' },
  SENDER_REFUSED: { retryable: false, blamesRoute: 'no', why: 'the sender must be registered first' },
  PROVIDER_BUSY: { retryable: true, blamesRoute: 'yes', why: 'load passes' },
  PROVIDER_UNAVAILABLE: { retryable: true, blamesRoute: 'yes', why: 'outages pass' },
  PROVIDER_REFUSED: { retryable: false, blamesRoute: 'perhaps', why: 'the provider decided, for a reason it does not tell' },
  GREYLISTED: { retryable: true, blamesRoute: 'no', why: 'greylisting asks for exactly that' },
  RENDER_FAILED: { retryable: false, blamesRoute: 'no', why: 'the template and the variables stay the same' },
  SEAL_BROKEN: { retryable: false, blamesRoute: 'no', why: 'the box stays damaged' },
  TIMED_OUT: { retryable: true, blamesRoute: 'yes', why: 'nobody knows what became of it, and an alert twice is better than none' },
  UNKNOWN_ANSWER: { retryable: true, blamesRoute: 'yes', why: 'an answer we cannot read is pending and counted, never success' },
};
