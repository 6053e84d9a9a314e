import type { FailureReason } from './channel.js';

/** Whether an attempt that failed for this reason may be tried again, and why: decided here and nowhere else. */
export const FAILURE_REASONS: Readonly<Record<FailureReason, { readonly retryable: boolean; readonly why: string }>> = {
  ADDRESS_UNKNOWN: { retryable: false, why: 'the address does not exist and will not by asking again' },
  ADDRESS_REFUSED: { retryable: false, why: 'the provider may not or will not reach this address' },
  MAILBOX_FULL: { retryable: true, why: 'people empty mailboxes' },
  CONTENT_REFUSED: { retryable: false, why: 'the same words are refused again' },
  SENDER_REFUSED: { retryable: false, why: 'the sender must be registered first' },
  PROVIDER_BUSY: { retryable: true, why: 'load passes' },
  PROVIDER_UNAVAILABLE: { retryable: true, why: 'outages pass' },
  PROVIDER_REFUSED: { retryable: false, why: 'the provider decided, for a reason it does not tell' },
  GREYLISTED: { retryable: true, why: 'greylisting asks for exactly that' },
  RENDER_FAILED: { retryable: false, why: 'the template and the variables stay the same' },
  SEAL_BROKEN: { retryable: false, why: 'the box stays damaged' },
  TIMED_OUT: { retryable: true, why: 'nobody knows what became of it, and an alert twice is better than none' },
  UNKNOWN_ANSWER: { retryable: true, why: 'an answer we cannot read is pending and counted, never success' },
};
