import type { ProviderReply } from '@tocsin/channel-kit';
import type { DeliverSm } from './wire.js';

/** esm_class bit: the text begins with a user data header. */
const UDH_INDICATOR = 0x40;
const TON_INTERNATIONAL = 1;
/** data_coding of UCS-2. */
const UCS2 = 8;
/** Words of a person's answer that are read; the rest is small talk. */
const MAX_LETTERS = 160;

/** First words that stop or start, without accents and in capitals; STOP answers must work in whatever way people write them. */
const STOP_WORDS = new Set([
  'STOP',
  'STOPSMS',
  'ARRET',
  'ARRETER',
  'DESINSCRIPTION',
  'UNSUBSCRIBE',
  'CANCEL',
  'END',
  'QUIT',
  'STOPP',
  'STOPALL',
]);
const START_WORDS = new Set(['START', 'REPRISE', 'REPRENDRE', 'UNSTOP', 'OUI', 'DEBUT']);

/** What a reply needs of a deliver_sm. */
type Inbound = Readonly<Partial<Record<keyof DeliverSm, unknown>>>;

/** Pure: a message from a person; undefined when it has no sender. The words themselves go no further. */
export function readReply(pdu: Inbound, now: number): ProviderReply | undefined {
  const source = typeof pdu.source_addr === 'string' ? pdu.source_addr.trim() : '';
  if (!source) return undefined;
  const writtenTo = typeof pdu.destination_addr === 'string' ? pdu.destination_addr : '';
  return { from: international(source, pdu.source_addr_ton), writtenTo, kind: kindOf(textOf(pdu)), receivedAt: now };
}

export function kindOf(text: string): ProviderReply['kind'] {
  const plain = text.slice(0, MAX_LETTERS).normalize('NFD').replace(/\p{M}/gu, '').toUpperCase();
  const words = plain.split(/[^A-Z]+/).filter((word) => word !== '');
  const first = words[0] ?? '';
  if (STOP_WORDS.has(first) || STOP_WORDS.has(words.join(''))) return 'stop';
  return START_WORDS.has(first) ? 'start' : 'other';
}

/** E.164 with "+"; operators leave it out when the type of number says international. */
function international(source: string, ton: unknown): string {
  if (source.startsWith('+')) return source;
  if (source.startsWith('00')) return `+${source.slice(2)}`;
  return ton === TON_INTERNATIONAL || /^[1-9]\d{9,14}$/.test(source) ? `+${source}` : source;
}

function textOf(pdu: Inbound): string {
  const short = Buffer.isBuffer(pdu.short_message) ? pdu.short_message : Buffer.alloc(0);
  const octets = short.length === 0 && Buffer.isBuffer(pdu.message_payload) ? pdu.message_payload : short;
  const header = typeof pdu.esm_class === 'number' && (pdu.esm_class & UDH_INDICATOR) !== 0 ? (octets[0] ?? -1) + 1 : 0;
  const text = octets.subarray(header);
  if (pdu.data_coding === UCS2 && text.length % 2 === 0) return Buffer.from(text).swap16().toString('utf16le');
  // The letters of every keyword have the same codes in GSM 03.38, ASCII and Latin-1; é of "arrêté" apart, which GSM puts at 0x05.
  return text.toString('latin1').replaceAll('\u0005', 'e');
}
