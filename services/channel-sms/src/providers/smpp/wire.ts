import type { SubmitParameters } from './submit-pdu.js';

/** command_id of the PDUs we write or read (SMPP 3.4, 5.1.2.1); an answer has the highest bit set. */
export const COMMAND = {
  genericNack: 0x8000_0000,
  bindTransmitter: 0x0000_0002,
  submitSm: 0x0000_0004,
  deliverSm: 0x0000_0005,
  unbind: 0x0000_0006,
  bindTransceiver: 0x0000_0009,
  alertNotification: 0x0000_0102,
  enquireLink: 0x0000_0015,
} as const;
export const ANSWER = 0x8000_0000;
/** Octets of command_length, command_id, command_status and sequence_number. */
export const HEADER = 16;
/** A longer PDU is a damaged stream: the longest message_payload operators carry is far below. */
export const MAX_PDU = 16_384;
/** Vendor TLV (0x1400-0x3fff are free for agreement between ESME and SMSC) that carries the delivery_id to our stand-in and to operators who want it. */
const DELIVERY_ID_TAG = 0x1501;
/** TLVs of a deliver_sm that are read (SMPP 3.4, 5.3.2). */
const RECEIPTED_MESSAGE_ID = 0x001e;
const MESSAGE_PAYLOAD = 0x0424;
const MESSAGE_STATE = 0x0427;
/** Fixed octets of a submit_sm's body: twelve single ones, five closing NULs. */
const SUBMIT_FIXED = 17;

/** What is read of a deliver_sm, by its SMPP names; octets are a view of what was received. */
export interface DeliverSm {
  readonly source_addr_ton: number;
  readonly source_addr: string;
  readonly destination_addr: string;
  readonly esm_class: number;
  readonly data_coding: number;
  readonly short_message: Buffer;
  readonly receipted_message_id?: string;
  readonly message_payload?: Buffer;
  readonly message_state?: number;
}

/** Octets of a submit_sm with its header. */
export function submitLength(pdu: SubmitParameters): number {
  const tlv = pdu.tocsin_delivery_id === undefined ? 0 : 4 + pdu.tocsin_delivery_id.length;
  return (
    HEADER +
    SUBMIT_FIXED +
    pdu.source_addr.length +
    pdu.destination_addr.length +
    pdu.validity_period.length +
    pdu.short_message.length +
    tlv
  );
}

/** Writes a submit_sm of `submitLength` octets at `at`. */
export function writeSubmit(to: Buffer, at: number, sequence: number, pdu: SubmitParameters): void {
  let end = writeHeader(to, at, submitLength(pdu), COMMAND.submitSm, 0, sequence);
  to[end++] = 0; // service_type
  to[end++] = pdu.source_addr_ton;
  to[end++] = pdu.source_addr_npi;
  end = writeText(to, end, pdu.source_addr, true);
  to[end++] = pdu.dest_addr_ton;
  to[end++] = pdu.dest_addr_npi;
  end = writeText(to, end, pdu.destination_addr, true);
  to[end++] = pdu.esm_class;
  to[end++] = 0; // protocol_id
  to[end++] = 0; // priority_flag
  to[end++] = 0; // schedule_delivery_time
  end = writeText(to, end, pdu.validity_period, true);
  to[end++] = pdu.registered_delivery;
  to[end++] = 0; // replace_if_present_flag
  to[end++] = pdu.data_coding;
  to[end++] = 0; // sm_default_msg_id
  to[end++] = pdu.short_message.length;
  to.set(pdu.short_message, end);
  end += pdu.short_message.length;
  const deliveryId = pdu.tocsin_delivery_id;
  if (deliveryId === undefined) return;
  to.writeUInt16BE(DELIVERY_ID_TAG, end);
  to.writeUInt16BE(deliveryId.length, end + 2);
  writeText(to, end + 4, deliveryId, false);
}

/** A whole PDU: header and the given body. */
export function pduOf(command: number, status: number, sequence: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const pdu = Buffer.allocUnsafe(HEADER + body.length);
  writeHeader(pdu, 0, pdu.length, command, status, sequence);
  pdu.set(body, HEADER);
  return pdu;
}

/** Body of a bind of interface version 3.4, any address range. */
export function bindBody(systemId: string, password: string): Buffer {
  return Buffer.concat([Buffer.from(`${systemId}\0${password}\0\0`, 'latin1'), Buffer.from([0x34, 0, 0, 0])]);
}

/** message_id of a submit_sm_resp; '' when it has none. */
export function readMessageId(pdu: Buffer): string {
  return readText(pdu, HEADER);
}

/** Reads a whole deliver_sm. What is cut off reads as empty: operators write PDUs in more ways than the standard has. */
export function readDeliver(pdu: Buffer): DeliverSm {
  let at = skipText(pdu, HEADER); // service_type
  const sourceTon = pdu[at] ?? 0;
  const source = readText(pdu, at + 2);
  at = skipText(pdu, at + 2);
  const destination = readText(pdu, at + 2);
  at = skipText(pdu, at + 2);
  const esmClass = pdu[at] ?? 0;
  at = skipText(pdu, skipText(pdu, at + 3)); // schedule_delivery_time, validity_period
  const dataCoding = pdu[at + 2] ?? 0;
  const textAt = at + 5;
  const textEnd = textAt + (pdu[at + 4] ?? 0);
  return {
    source_addr_ton: sourceTon,
    source_addr: source,
    destination_addr: destination,
    esm_class: esmClass,
    data_coding: dataCoding,
    short_message: pdu.subarray(textAt, textEnd),
    ...readTlvs(pdu, textEnd),
  };
}

function readTlvs(pdu: Buffer, start: number): Partial<DeliverSm> {
  const found: { receipted_message_id?: string; message_payload?: Buffer; message_state?: number } = {};
  for (let at = start; at + 4 <= pdu.length;) {
    const tag = pdu.readUInt16BE(at);
    const value = pdu.subarray(at + 4, at + 4 + pdu.readUInt16BE(at + 2));
    at += 4 + pdu.readUInt16BE(at + 2);
    if (tag === RECEIPTED_MESSAGE_ID) found.receipted_message_id = readText(value, 0);
    else if (tag === MESSAGE_PAYLOAD) found.message_payload = value;
    else if (tag === MESSAGE_STATE && value[0] !== undefined) found.message_state = value[0];
  }
  return found;
}

function writeHeader(to: Buffer, at: number, length: number, command: number, status: number, sequence: number): number {
  to.writeUInt32BE(length, at);
  to.writeUInt32BE(command, at + 4);
  to.writeUInt32BE(status, at + 8);
  to.writeUInt32BE(sequence, at + 12);
  return at + HEADER;
}

/** One octet a character, and a NUL where `closed`. A NUL within would end the field early. By hand: a call into the engine costs more for so few. */
function writeText(to: Buffer, at: number, text: string, closed: boolean): number {
  let end = at;
  for (let index = 0; index < text.length; index++) to[end++] = text.charCodeAt(index) & 0xff || 0x3f;
  if (closed) to[end++] = 0;
  return end;
}

function readText(from: Buffer, at: number): string {
  return from.toString('latin1', Math.min(at, from.length), textEndOf(from, at));
}

/** Place behind a text and its NUL. */
function skipText(from: Buffer, at: number): number {
  return textEndOf(from, at) + 1;
}

function textEndOf(from: Buffer, at: number): number {
  let end = Math.min(at, from.length);
  while (end < from.length && from[end] !== 0) end++;
  return end;
}
