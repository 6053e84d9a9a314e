import { encodeWords, foldLines } from 'nodemailer/lib/mime-funcs';

/** Characters of a header's value at most; RFC 5322 allows 998 a line and the fold below needs room. */
const MAX_VALUE = 900;

/** One line of text: nothing in it can end a header or begin another. */
export function oneLine(text: string): string {
  // Control characters and the two Unicode line breaks become one space: a variable's value may hold any of them.
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** A header with a text a person wrote: encoded (RFC 2047) where it is not ASCII, folded, without a line break of its own. */
export function textHeader(name: string, text: string): string {
  return foldLines(`${name}: ${encodeWords(oneLine(text).slice(0, MAX_VALUE), 'Q', 52, true)}`, 76);
}

/** A header whose value is made by this program (ids, dates, tokens); refuses whatever could break out of its line. */
export function plainHeader(name: string, value: string): string {
  if (!/^[\x20-\x7e]*$/.test(value)) throw new RangeError(`header ${name} holds a character that a header cannot carry`);
  return `${name}: ${value}`;
}

/** `"Name" <mailbox>`, the name encoded where it must be. */
export function mailboxHeader(name: string, displayName: string, mailbox: string): string {
  const shown = oneLine(displayName).slice(0, MAX_VALUE);
  if (shown === '') return plainHeader(name, mailbox);
  const phrase = /^[\x20-\x7e]*$/.test(shown) ? `"${shown.replace(/["\\]/g, '\\$&')}"` : encodeWords(shown, 'Q', 52, true);
  return foldLines(`${name}: ${phrase} <${mailbox}>`, 76);
}
