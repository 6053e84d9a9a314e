import { registerPieces } from '../../../stack/dist/job/register-pieces.js';

/** Mobiles of the block 079 that tools/generate uses too: nobody has them, and only stand-ins ever see them. */
const PREFIX = '+3379';
const DIGITS = 7;
/** As many numbers as the block holds. */
export const MAX_NUMBERS = 10 ** DIGITS;

/** A register of so many people as CSV, each with a mobile of their own; `first` is the number of the first one, so that two registers share none. */
export function* registerCsv(first: number, contacts: number, givenName = 'Prenom'): Generator<string> {
  if (first + contacts > MAX_NUMBERS) throw new RangeError(`more than ${MAX_NUMBERS} numbers`);
  const row = (number: number): string => `Nom${number};${givenName};${PREFIX}${String(number).padStart(DIGITS, '0')}`;
  yield* registerPieces('nom;prenom;telephone mobile', first, contacts, row);
}
