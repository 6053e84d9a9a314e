import { registerPieces } from '../../../stack/dist/job/register-pieces.js';

/** Mobiles of the block 079, as tools/generate uses: nobody has them, and only stand-ins ever see them. */
const PREFIX = '+3379';
const DIGITS = 7;
/** One in so many contacts has a mailbox too. */
const MAILBOX_EVERY = 4;

/** Contacts numbered [first, first + count): who they are follows from the number alone, so that the oracle needs no list of them. */
export interface NumberRange {
  readonly first: number;
  readonly count: number;
}

export function mobileOf(number: number): string {
  return `${PREFIX}${String(number).padStart(DIGITS, '0')}`;
}

export function mailboxOf(number: number): string {
  return `p${number}@residents.example`;
}

export function hasMailbox(number: number): boolean {
  return number % MAILBOX_EVERY === 0;
}

/** The number of a contact from where a message went; undefined when it is nobody of ours. */
export function numberOf(to: string): number | undefined {
  const digits = to.startsWith(PREFIX) ? to.slice(PREFIX.length) : /^p(\d+)@residents\.example$/.exec(to)?.[1];
  return digits !== undefined && /^\d+$/.test(digits) ? Number(digits) : undefined;
}

/** So many of the range have a mailbox. */
export function mailboxes({ first, count }: NumberRange): number {
  return Math.floor((first + count - 1) / MAILBOX_EVERY) - Math.floor((first - 1) / MAILBOX_EVERY);
}

/** The register as CSV, piece by piece. */
export function registerCsv({ first, count }: NumberRange): Generator<string> {
  const row = (number: number): string => `Nom${number};Prenom;${mobileOf(number)};${hasMailbox(number) ? mailboxOf(number) : ''}`;
  return registerPieces('nom;prenom;telephone mobile;courriel', first, count, row);
}
