import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ROW_CHARACTERS, RowReader, type Delimiter, type RawRow } from './row-reader.js';

function read(pieces: readonly string[], delimiter: Delimiter = ';'): RawRow[] {
  const reader = new RowReader(delimiter, 1);
  return [...pieces.flatMap((piece) => [...reader.push(piece)]), ...reader.end()];
}

const told = (rows: readonly RawRow[]): string[] =>
  rows.map((row) => ('cells' in row ? `${row.line}: ${row.cells.join('|')}` : `${row.line}: ${row.fault}`));

const ROWS: readonly { says: string; text: string; rows: readonly string[]; delimiter?: Delimiter }[] = [
  { says: 'LF', text: 'a;b\nc;d\n', rows: ['1: a|b', '2: c|d'] },
  { says: 'CR LF and no line end at the end', text: 'a;b\r\nc;d', rows: ['1: a|b', '2: c|d'] },
  { says: 'CR only', text: 'a;b\rc;d\r', rows: ['1: a|b', '2: c|d'] },
  { says: 'tabs', text: 'a\tb\n', rows: ['1: a|b'], delimiter: '\t' },
  { says: 'a quoted delimiter, quote and line end', text: '"a;""b""\nc";d\ne;f', rows: ['1: a;"b"\nc|d', '3: e|f'] },
  { says: 'empty lines and empty rows are nothing, and count as lines', text: 'a\n\n;;\nb', rows: ['1: a', '4: b'] },
  { says: 'a quote within a bare cell is text', text: '12 rue "Le Clos";b\n', rows: ['1: 12 rue "Le Clos"|b'] },
  { says: 'spaces around a quoted cell', text: ' "a" ;b\n', rows: ['1: a|b'] },
  { says: 'a quote never closed costs its line only', text: 'a;b\n"c;d\ne;f\n', rows: ['1: a|b', '2: MALFORMED_ROW', '3: e|f'] },
  { says: 'a quote never closed before another quoted row', text: '"a;b\n"c";d\ne;f', rows: ['1: MALFORMED_ROW', '2: c|d', '3: e|f'] },
  { says: 'text behind a closed quote', text: '"a"x;b\nc;d', rows: ['1: MALFORMED_ROW', '2: c|d'] },
];

describe('reading rows', () => {
  it.each(ROWS)('$says', ({ text, rows, delimiter }) => {
    expect(told(read([text], delimiter))).toEqual(rows);
    expect(told(read(text.split(''), delimiter)), 'character by character').toEqual(rows);
  });

  it('refuses a row that is too long and goes on', () => {
    const long = 'x'.repeat(MAX_ROW_CHARACTERS + 10);
    expect(told(read([`a\n${long}`, `${long}\nb\n`]))).toEqual(['1: a', '2: ROW_TOO_LONG', '3: b']);
    expect(told(read([`a\n"${long}`, `${long}\nb\n`]))).toEqual(['1: a', '2: MALFORMED_ROW', '3: b']);
    expect(told(read([`${long}\r`, '\nb']))).toEqual(['1: ROW_TOO_LONG', '2: b']);
  });

  it('reads back any quoted table, however it is cut', () => {
    const cell = fc.string({ maxLength: 8, unit: fc.constantFrom('a', '"', ';', '\n', '\r', ' ', 'é') });
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 7 }),
        (table, size) => {
          const text = table.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(';')).join('\n');
          const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size));
          const expected = table.filter((row) => row.some((value) => value.trim() !== ''));
          expect(read(pieces).map((row) => ('cells' in row ? row.cells : row.fault))).toEqual(expected);
        },
      ),
    );
  });
});
