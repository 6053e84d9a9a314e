/** Characters of one row at most: a person's row has some hundred; beyond it somebody forgot to close a quote or sends garbage. */
export const MAX_ROW_CHARACTERS = 65_536;

export type Delimiter = ';' | ',' | '\t';

export type RawRow =
  | { readonly line: number; readonly cells: readonly string[] }
  | { readonly line: number; readonly fault: 'MALFORMED_ROW' | 'ROW_TOO_LONG' };

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

type Scan =
  | { readonly is: 'row'; readonly cells: string[]; readonly next: number; readonly lines: number }
  | { readonly is: 'unfinished'; readonly quoted: boolean }
  | { readonly is: 'malformed' };

/**
 * Splits text into rows as it comes: quoted cells may hold delimiters, quotes ("") and line ends; lines end with LF, CR LF or CR. A row that does not hold
 * (a quote never closed, text behind a closed quote) costs its first line only: reading goes on at the next one, which is why no general CSV parser
 * is used here. Memory: one row and the text just pushed.
 */
export class RowReader {
  private pending = '';
  private line: number;
  /** Inside a row that is too long: everything up to the next line end is dropped. */
  private skipping = false;
  private readonly delimiter: number;

  constructor(delimiter: Delimiter, firstLine: number) {
    this.delimiter = delimiter.charCodeAt(0);
    this.line = firstLine;
  }

  *push(text: string): Generator<RawRow> {
    this.pending += text;
    yield* this.read(false);
  }

  *end(): Generator<RawRow> {
    yield* this.read(true);
  }

  private *read(last: boolean): Generator<RawRow> {
    const text = this.pending;
    let at = 0;
    while (at < text.length) {
      if (this.skipping) {
        const end = lineEnd(text, at);
        // A CR that ends the text may have its LF in the next piece.
        if (end.next < 0 || (!last && end.next === text.length && text.charCodeAt(end.next - 1) === CR)) {
          if (end.next < 0) at = text.length;
          break;
        }
        this.skipping = false;
        this.line += 1;
        at = end.next;
        continue;
      }
      const scan = scanRow(text, at, this.delimiter, last);
      if (scan.is === 'row') {
        if (scan.cells.some((cell) => cell.trim() !== '')) {
          const tooLong = scan.next - at > MAX_ROW_CHARACTERS;
          yield tooLong ? { line: this.line, fault: 'ROW_TOO_LONG' } : { line: this.line, cells: scan.cells };
        }
        this.line += scan.lines;
        at = scan.next;
        continue;
      }
      if (scan.is === 'unfinished' && !last && text.length - at <= MAX_ROW_CHARACTERS) break;
      const quoted = scan.is === 'malformed' || scan.quoted;
      yield { line: this.line, fault: quoted ? 'MALFORMED_ROW' : 'ROW_TOO_LONG' };
      this.skipping = true;
    }
    this.pending = last ? '' : text.slice(at);
  }
}

function scanRow(text: string, from: number, delimiter: number, last: boolean): Scan {
  const cells: string[] = [];
  let at = from;
  let lines = 0;
  for (;;) {
    let cell: string;
    let start = at;
    // Some exports pad with spaces before a quote; a tab may be the delimiter itself.
    while (text.charCodeAt(start) === 0x20) start += 1;
    if (text.charCodeAt(start) === QUOTE) {
      const close = closingQuote(text, start + 1);
      if (close < 0) return { is: 'unfinished', quoted: true };
      if (close + 1 >= text.length && !last) return { is: 'unfinished', quoted: true };
      const inside = text.slice(start + 1, close);
      lines += countLineEnds(inside);
      cell = inside.includes('"') ? inside.replaceAll('""', '"') : inside;
      at = close + 1;
      while (text.charCodeAt(at) === 0x20) at += 1;
      if (at < text.length) {
        const code = text.charCodeAt(at);
        if (code !== delimiter && code !== LF && code !== CR) return { is: 'malformed' };
      } else if (!last) return { is: 'unfinished', quoted: true };
    } else {
      while (at < text.length) {
        const code = text.charCodeAt(at);
        if (code === delimiter || code === LF || code === CR) break;
        at += 1;
      }
      cell = text.slice(start, at);
    }
    if (at >= text.length) {
      if (!last) return { is: 'unfinished', quoted: false };
      cells.push(cell);
      return { is: 'row', cells, next: at, lines: lines + 1 };
    }
    cells.push(cell);
    const code = text.charCodeAt(at);
    at += 1;
    if (code === delimiter) continue;
    if (code === CR) {
      if (at >= text.length && !last) return { is: 'unfinished', quoted: false };
      if (text.charCodeAt(at) === LF) at += 1;
    }
    return { is: 'row', cells, next: at, lines: lines + 1 };
  }
}

/** The quote that ends the cell, -1 when it has not come. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text.charCodeAt(at + 1) === QUOTE) at = text.indexOf('"', at + 2);
  return at;
}

function lineEnd(text: string, from: number): { readonly next: number } {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === LF) return { next: at + 1 };
    if (code === CR) return { next: text.charCodeAt(at + 1) === LF ? at + 2 : at + 1 };
  }
  return { next: -1 };
}

function countLineEnds(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}
