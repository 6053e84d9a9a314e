import type { VariableLength } from './gen/tocsin/common/v1/common.js';

/** Marks in `VariableLength.gsm7` a text that GSM 03.38 cannot write. */
export const NOT_GSM7 = 65_535;

/** Characters one SMS part holds, alone and as a part of a longer message (the concatenation header takes the rest). */
const PART = { gsm7: { alone: 160, joined: 153 }, ucs2: { alone: 70, joined: 67 } } as const;

const GSM7_BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** Written as an escape and a second septet. */
const GSM7_EXTENDED = '\f^{}\\[~]|€';

const SEPTETS = new Map<string, number>(Array.from(GSM7_BASIC, (character) => [character, 1]));
for (const character of GSM7_EXTENDED) SEPTETS.set(character, 2);

export interface TextLength {
  /** Septets, NOT_GSM7 when GSM 03.38 cannot write the text. */
  readonly gsm7: number;
  /** UTF-16 code units. */
  readonly ucs2: number;
}

/** How long a text is in both SMS alphabets. */
export function textLength(text: string): TextLength {
  let septets = 0;
  for (const character of text) {
    const width = SEPTETS.get(character);
    if (width === undefined) return { gsm7: NOT_GSM7, ucs2: text.length };
    septets += width;
  }
  return { gsm7: Math.min(septets, NOT_GSM7), ucs2: text.length };
}

/** Literals measured lately: one template is priced for 150,000 recipients in a row. */
const measured = new Map<string, TextLength>();
const MAX_MEASURED = 64;

function literalLength(literal: string): TextLength {
  const known = measured.get(literal);
  if (known) return known;
  const length = textLength(literal);
  if (measured.size >= MAX_MEASURED) measured.clear();
  measured.set(literal, length);
  return length;
}

/** How long a message becomes: its literal text and its variables (named as often as used; an unknown one is empty). */
export function messageLength(literal: string, variables: readonly string[], lengths: readonly VariableLength[]): TextLength {
  const own = literalLength(literal);
  let gsm7 = own.gsm7;
  let ucs2 = own.ucs2;
  for (const name of variables) {
    const length = lengths.find((candidate) => candidate.name === name);
    if (!length) continue;
    gsm7 = gsm7 === NOT_GSM7 || length.gsm7 === NOT_GSM7 ? NOT_GSM7 : Math.min(gsm7 + length.gsm7, NOT_GSM7);
    ucs2 += length.ucs2;
  }
  return { gsm7, ucs2 };
}

/** Parts of one SMS of this length, at least 1. Where an escape falls across a part's end the true count may be one higher. */
export function smsSegments(length: TextLength): number {
  const unicode = length.gsm7 === NOT_GSM7;
  const size = unicode ? length.ucs2 : length.gsm7;
  const part = unicode ? PART.ucs2 : PART.gsm7;
  return size <= part.alone ? 1 : Math.ceil(size / part.joined);
}

/**
 * What one delivery costs in its channel's unit, known without opening a seal: SMS parts for "segment", 1 for every other unit
 * (a mail is one message; a call's seconds are known only when it ends).
 */
export function messageCost(unit: string, literal: string, variables: readonly string[], lengths: readonly VariableLength[]): number {
  return unit === 'segment' ? smsSegments(messageLength(literal, variables, lengths)) : 1;
}
