import type { FailureReason } from '@tocsin/channel-kit';

/** What one command_status means for us. */
export type StatusMeaning =
  | { readonly kind: 'failed'; readonly reason: FailureReason }
  /** Slow down; nothing was taken. */
  | { readonly kind: 'throttled' }
  /** This bind cannot take it now; another or a later one can. */
  | { readonly kind: 'not-submitted' };

const failed = (reason: FailureReason): StatusMeaning => ({ kind: 'failed', reason });

/** Answers to submit_sm other than ESME_ROK (SMPP 3.4, 5.1.3). */
const STATUS: Readonly<Record<number, readonly [name: string, meaning: StatusMeaning]>> = {
  // The message itself: the same words are refused again.
  0x01: ['ESME_RINVMSGLEN', failed('CONTENT_REFUSED')],
  0x02: ['ESME_RINVCMDLEN', failed('CONTENT_REFUSED')],
  0x43: ['ESME_RINVESMCLASS', failed('CONTENT_REFUSED')],
  0x61: ['ESME_RINVSCHED', failed('CONTENT_REFUSED')],
  0x62: ['ESME_RINVEXPIRY', failed('CONTENT_REFUSED')],
  0x104: ['ESME_RINVDCS', failed('CONTENT_REFUSED')],
  0xc0: ['ESME_RINVTLVSTREAM', failed('CONTENT_REFUSED')],
  0xc1: ['ESME_RTLVNOTALLWD', failed('CONTENT_REFUSED')],
  // The bind: it was lost without our knowledge, so nothing was taken.
  0x04: ['ESME_RINVBNDSTS', { kind: 'not-submitted' }],
  // Load. 0x14 is "queue full": of the SMSC, seldom of one subscriber.
  0x14: ['ESME_RMSGQFUL', { kind: 'throttled' }],
  0x58: ['ESME_RTHROTTLED', { kind: 'throttled' }],
  // The SMSC has a fault; it may pass.
  0x08: ['ESME_RSYSERR', failed('PROVIDER_UNAVAILABLE')],
  0x45: ['ESME_RSUBMITFAIL', failed('PROVIDER_BUSY')],
  0x64: ['ESME_RX_T_APPN', failed('PROVIDER_BUSY')],
  // The sender is not registered with this operator.
  0x0a: ['ESME_RINVSRCADR', failed('SENDER_REFUSED')],
  0x48: ['ESME_RINVSRCTON', failed('SENDER_REFUSED')],
  0x49: ['ESME_RINVSRCNPI', failed('SENDER_REFUSED')],
  // The number.
  0x0b: ['ESME_RINVDSTADR', failed('ADDRESS_UNKNOWN')],
  0x50: ['ESME_RINVDSTTON', failed('ADDRESS_UNKNOWN')],
  0x51: ['ESME_RINVDSTNPI', failed('ADDRESS_UNKNOWN')],
  0xfe: ['ESME_RDELIVERYFAILURE', failed('ADDRESS_REFUSED')],
  0x101: ['ESME_RPROHIBITED', failed('ADDRESS_REFUSED')],
  // Decided, and no reason given.
  0x65: ['ESME_RX_P_APPN', failed('PROVIDER_REFUSED')],
  0x66: ['ESME_RX_R_APPN', failed('PROVIDER_REFUSED')],
  0x100: ['ESME_RSERTYPUNAUTH', failed('PROVIDER_REFUSED')],
  0x102: ['ESME_RSERTYPUNAVAIL', failed('PROVIDER_UNAVAILABLE')],
  0x103: ['ESME_RSERTYPDENIED', failed('PROVIDER_REFUSED')],
};

/** Name of a status, or its number where the standard has none (vendors use 0x400-0x4ff). */
export function statusName(status: number): string {
  return STATUS[status]?.[0] ?? `0x${status.toString(16).padStart(8, '0')}`;
}

/** Meaning of a status other than 0; one that is not in the table is pending and counted, never success. */
export function statusMeaning(status: number): StatusMeaning {
  return STATUS[status]?.[1] ?? failed('UNKNOWN_ANSWER');
}
