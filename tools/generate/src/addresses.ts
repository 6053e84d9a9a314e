import type { Random } from './random.js';

/**
 * National significant numbers nobody can have mixed up with the reserved ones of the fixtures: 10 million mobiles of the block 079 and a million landlines of 0199, visited in
 * an order that a seed moves. The blocks reserved for fiction hold 10,000 numbers only; files with these are never checked in and only stand-ins ever see them.
 */
const MOBILES = { prefix: '79', digits: 7 } as const;
const LANDLINES = { prefix: '199', digits: 6 } as const;
/** Coprime to every power of ten, so that each number of a block comes once. */
const STEP = 7_654_321;
/** A STOP holds for a number whoever writes to it: registers of different seeds live side by side on one platform, so they must not share numbers. */
const NUMBERS_A_SEED = 200_000;
const SEEDS_APART = 50;

/** Domains that can never belong to anybody (RFC 2606, RFC 6761). */
const DOMAINS = [
  'example.org',
  'example.com',
  'example.net',
  'courriel.example.org',
  'boite.example.com',
  'fournisseur.test',
  'messagerie.test',
  'mairie.test',
];

/** Hands out addresses, each once over all files of a run. */
export class AddressBook {
  private mobiles = 0;
  private landlines = 0;
  private mailboxes = 0;

  constructor(private readonly seed: number) {}

  /** National significant number, 9 digits. */
  mobile(): string {
    this.mobiles += 1;
    return number(MOBILES, this.mobiles, this.seed);
  }

  landline(): string {
    this.landlines += 1;
    return number(LANDLINES, this.landlines, this.seed);
  }

  mailbox(firstName: string, lastName: string, random: Random): string {
    this.mailboxes += 1;
    return `${ascii(firstName)}.${ascii(lastName)}${this.mailboxes.toString(36)}@${random.pick(DOMAINS)}`;
  }
}

/** As people write numbers. */
export function writeNumber(national: string, random: Random): string {
  const pairs = `0${national}`.match(/\d\d/g) ?? [];
  const groups = (national.slice(1).match(/\d\d/g) ?? []).join(' ');
  return random.pick([
    pairs.join(' '),
    pairs.join(' '),
    pairs.join(' '),
    `0${national}`,
    `0${national}`,
    pairs.join('.'),
    pairs.join('-'),
    `+33${national}`,
    `+33 ${national.slice(0, 1)} ${groups}`,
    `0033${national}`,
    `+33 (0)${national.slice(0, 1)} ${groups}`,
  ]);
}

export function e164(national: string): string {
  return `+33${national}`;
}

function number(block: { readonly prefix: string; readonly digits: number }, index: number, seed: number): string {
  const size = 10 ** block.digits;
  if (index > size) throw new RangeError('the block of numbers is used up');
  const start = (Math.abs(Math.trunc(seed)) % SEEDS_APART) * NUMBERS_A_SEED;
  const place = (BigInt(start + index) * BigInt(STEP)) % BigInt(size);
  return block.prefix + String(place).padStart(block.digits, '0');
}

function ascii(name: string): string {
  return name
    .replaceAll('Œ', 'Oe')
    .replaceAll('œ', 'oe')
    .replaceAll('æ', 'ae')
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');
}
