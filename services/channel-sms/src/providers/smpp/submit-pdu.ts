import type { Submission } from '@tocsin/channel-kit';
import { segment } from '../../segments.js';

/** Type of number / numbering plan (SMPP 3.4, 5.2.5 and 5.2.6). */
const TON_INTERNATIONAL = 1;
const TON_ALPHANUMERIC = 5;
const TON_ABBREVIATED = 6;
const NPI_UNKNOWN = 0;
const NPI_ISDN = 1;
/** esm_class: the short message begins with a user data header. */
const UDH_INDICATOR = 0x40;
/** registered_delivery: a receipt for success and failure, or for failure only. */
const RECEIPT_ALWAYS = 1;
const RECEIPT_ON_FAILURE = 2;
/** Short codes have at most this many digits. */
const SHORT_CODE_DIGITS = 6;

export interface SubmitOptions {
  /** Whether the vendor TLV with the delivery_id is sent. */
  readonly deliveryIdTlv: boolean;
  /** Sender when the tenant has none. */
  readonly defaultSender: string;
}

/** What one submit_sm says, by its SMPP names. */
export interface SubmitParameters {
  readonly source_addr_ton: number;
  readonly source_addr_npi: number;
  readonly source_addr: string;
  readonly dest_addr_ton: number;
  readonly dest_addr_npi: number;
  readonly destination_addr: string;
  readonly esm_class: number;
  /** As `absoluteTime` writes it. */
  readonly validity_period: string;
  readonly registered_delivery: number;
  readonly data_coding: number;
  /** At most 255 octets. */
  readonly short_message: Buffer;
  /** The vendor TLV. */
  readonly tocsin_delivery_id?: string;
}

type Source = Pick<SubmitParameters, 'source_addr_ton' | 'source_addr_npi' | 'source_addr'>;

/** Pure: the submit_sm of each part of a message. Only the last part asks for a receipt of success: it speaks for the whole. */
export function submitPdus(submission: Submission, options: SubmitOptions): SubmitParameters[] {
  const { dataCoding, parts } = segment(submission.rendered.body);
  const joined = parts.length > 1;
  const reference = joined ? referenceOf(submission.deliveryId) : 0;
  const source = sourceAddress(submission.smsSender || options.defaultSender);
  return parts.map((part, at) => ({
    ...source,
    dest_addr_ton: TON_INTERNATIONAL,
    dest_addr_npi: NPI_ISDN,
    destination_addr: submission.address.startsWith('+') ? submission.address.slice(1) : submission.address,
    esm_class: joined ? UDH_INDICATOR : 0,
    validity_period: absoluteTime(submission.expiresAt),
    registered_delivery: at === parts.length - 1 ? RECEIPT_ALWAYS : RECEIPT_ON_FAILURE,
    data_coding: dataCoding,
    short_message: joined ? Buffer.concat([udh(reference, parts.length, at + 1), part]) : part,
    ...(options.deliveryIdTlv ? { tocsin_delivery_id: submission.deliveryId } : {}),
  }));
}

/** "YYMMDDhhmmsst00+" in UTC as SMPP 7.1.1 has it; '' for no expiry. Unix ms. */
export function absoluteTime(at: number): string {
  if (at <= 0) return '';
  if (at !== latest.at) latest = { at, text: writeTime(at) };
  return latest.text;
}

/** All messages of a campaign expire together. */
let latest = { at: 0, text: '' };

function writeTime(at: number): string {
  const digits = new Date(at).toISOString().replace(/\D/g, '');
  return `${digits.slice(2, 15)}00+`;
}

/** Stable 8-bit concatenation reference: the same delivery sent again is put together with its first copy, not beside it (FNV-1a). */
export function referenceOf(deliveryId: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < deliveryId.length; at++) hash = Math.imul(hash ^ deliveryId.charCodeAt(at), 0x01000193);
  return ((hash >>> 24) ^ (hash >>> 16) ^ (hash >>> 8) ^ hash) & 0xff;
}

function udh(reference: number, total: number, number: number): Buffer {
  return Buffer.from([5, 0, 3, reference, total, number]);
}

/** All messages of a campaign have one sender. */
let latestSource = { sender: '', source: writeSource('') };

function sourceAddress(sender: string): Source {
  if (sender !== latestSource.sender) latestSource = { sender, source: writeSource(sender) };
  return latestSource.source;
}

function writeSource(sender: string): Source {
  const digits = sender.replace(/^\+/, '');
  if (!/^\d+$/.test(digits)) return { source_addr_ton: TON_ALPHANUMERIC, source_addr_npi: NPI_UNKNOWN, source_addr: sender };
  if (digits.length <= SHORT_CODE_DIGITS) return { source_addr_ton: TON_ABBREVIATED, source_addr_npi: NPI_UNKNOWN, source_addr: digits };
  return { source_addr_ton: TON_INTERNATIONAL, source_addr_npi: NPI_ISDN, source_addr: digits };
}
