/** Rows in one piece of text: the text of a city is made as it is sent, not held as a whole. */
const ROWS_A_PIECE = 1_000;

/** A register as CSV, in pieces: a header, then a row for each of the numbers [first, first + count). */
export function* registerPieces(header: string, first: number, count: number, rowOf: (number: number) => string): Generator<string> {
  yield `${header}\n`;
  for (let from = first; from < first + count; from += ROWS_A_PIECE) {
    const rows = Math.min(ROWS_A_PIECE, first + count - from);
    yield Array.from({ length: rows }, (_, row) => `${rowOf(from + row)}\n`).join('');
  }
}
