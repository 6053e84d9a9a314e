import type { ProviderReceipt } from '@tocsin/channel-kit';
import { normaliseId, type IdNotation } from './message-id.js';
import type { DeliverSm } from './wire.js';

/** esm_class bits 5-2 of a deliver_sm that is a delivery receipt, or a note on the way to one (SMPP 3.4, 5.2.12): neither is a person's reply. */
const RECEIPT_MASK = 0x3c;
const RECEIPT = 0x04;
const INTERMEDIATE = 0x20;

type State = ProviderReceipt['state'];

/** message_state TLV (SMPP 3.4, 5.3.2.35). */
const STATE_TLV: Readonly<Record<number, readonly [state: State, reason: string]>> = {
  1: ['pending', 'ENROUTE'],
  2: ['delivered', 'DELIVERED'],
  3: ['expired', 'EXPIRED'],
  4: ['failed', 'DELETED'],
  5: ['failed', 'UNDELIVERABLE'],
  // Read by an operator's clerk in the standard, taken by the next network in practice: never a delivery.
  6: ['pending', 'ACCEPTED'],
  7: ['pending', 'UNKNOWN'],
  8: ['failed', 'REJECTED'],
};

/** "stat:" of the receipt's text (SMPP 3.4, appendix B). */
const STATE_TEXT: Readonly<Record<string, readonly [state: State, reason: string]>> = {
  ENROUTE: ['pending', 'ENROUTE'],
  DELIVRD: ['delivered', 'DELIVERED'],
  EXPIRED: ['expired', 'EXPIRED'],
  DELETED: ['failed', 'DELETED'],
  UNDELIV: ['failed', 'UNDELIVERABLE'],
  ACCEPTD: ['pending', 'ACCEPTED'],
  UNKNOWN: ['pending', 'UNKNOWN'],
  REJECTD: ['failed', 'REJECTED'],
};

/** Operators that forget the closing NUL of the TLV let the library read into the next one. */
const CONTROL = /[^\x20-\x7e].*$/s;

/** What a receipt needs of a deliver_sm. */
type Received = Readonly<Partial<Record<keyof DeliverSm, unknown>>>;

export function isReceipt(pdu: Received): boolean {
  if (typeof pdu.esm_class !== 'number') return false;
  const type = pdu.esm_class & RECEIPT_MASK;
  return type === RECEIPT || type === INTERMEDIATE;
}

/**
 * Reads a receipt: TLVs first, because texts are written in as many ways as there are operators; undefined when neither names the message. An id in a
 * TLV is written as in the answer to submit_sm; one in the text may be in the notation of receipts.
 */
export function readReceipt(pdu: Received, submitIds: IdNotation, receiptIds: IdNotation, now: number): ProviderReceipt | undefined {
  const text = textOf(pdu.short_message);
  const tlvId = typeof pdu.receipted_message_id === 'string' ? pdu.receipted_message_id.replace(CONTROL, '') : '';
  const textId = /\bid:\s*([^\s]+)/i.exec(text)?.[1] ?? '';
  const providerId = tlvId ? normaliseId(tlvId, submitIds) : normaliseId(textId, receiptIds);
  if (!providerId) return undefined;
  const stat = /\bstat:\s*([A-Z]+)/i.exec(text)?.[1]?.toUpperCase() ?? '';
  const [state, reason] = (typeof pdu.message_state === 'number' ? STATE_TLV[pdu.message_state] : undefined) ??
    STATE_TEXT[stat] ?? ['pending', 'UNKNOWN'];
  const code = /\berr:\s*([0-9A-Z]{1,6})/i.exec(text)?.[1] ?? '';
  return { providerId, state, reason, code, occurredAt: now };
}

/** Receipts are ASCII whatever their data_coding claims. */
function textOf(shortMessage: unknown): string {
  return Buffer.isBuffer(shortMessage) ? shortMessage.toString('latin1') : '';
}
