/** Mobiles of the block 079 that tools/generate uses too: nobody has them, and only stand-ins ever see them. */
const PREFIX = '+3379';
const DIGITS = 7;
/** As many numbers as the block holds. */
export const MAX_NUMBERS = 10 ** DIGITS;

/** Rows in one piece of text: the text of a city is made as it is sent, not held as a whole. */
const ROWS_A_PIECE = 1_000;

/** A register of so many people as CSV, each with a mobile of their own; `first` is the number of the first one, so that two registers share none. */
export function* registerCsv(first: number, contacts: number, givenName = 'Prenom'): Generator<string> {
  if (first + contacts > MAX_NUMBERS) throw new RangeError(`more than ${MAX_NUMBERS} numbers`);
  yield 'nom;prenom;telephone mobile\n';
  for (let from = first; from < first + contacts; from += ROWS_A_PIECE) {
    const rows = Math.min(ROWS_A_PIECE, first + contacts - from);
    yield Array.from({ length: rows }, (_, row) => {
      const number = from + row;
      return `Nom${number};${givenName};${PREFIX}${String(number).padStart(DIGITS, '0')}\n`;
    }).join('');
  }
}
