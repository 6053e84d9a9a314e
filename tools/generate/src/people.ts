import { e164, writeNumber, type AddressBook } from './addresses.js';
import type { Commune } from './communes.js';
import { FIRST_NAMES, GROUPS, LAST_NAMES, WAY_KINDS, WAY_TITLES } from './names.js';
import type { Random } from './random.js';

/** How many of everything a file holds. */
export interface Mix {
  readonly smsOnly: number;
  readonly mailOnly: number;
  readonly both: number;
  readonly refused: number;
  readonly stops: number;
  readonly duplicates: number;
  readonly bad: number;
}

/** One row before it is written for a layout. */
export interface Row {
  readonly firstName: string;
  readonly lastName: string;
  readonly street: string;
  readonly postcode: string;
  readonly position: { readonly latitude: number; readonly longitude: number } | undefined;
  readonly groups: readonly string[];
  /** As written, possibly several numbers in one cell. */
  readonly mobile: string;
  readonly landline: string;
  readonly mailbox: string;
  readonly smsConsent: string;
  readonly mailConsent: string;
  /** Damages the line itself. */
  readonly damage: 'none' | 'cells' | 'quote';
}

export interface People {
  readonly rows: readonly Row[];
  readonly reach: { readonly sms: string[]; readonly email: string[] };
  readonly mustNotReach: { readonly sms: string[]; readonly email: string[] };
  readonly stops: string[];
}

/** Shares of all contacts that must be reached: 80 % by SMS only, 13.3 % by mail only, the rest by both; 3 % bad rows, 2 % STOP (half by consent, half by SMS), 1 % twice. */
export function mixOf(contacts: number): Mix {
  const mailOnly = Math.round((contacts * 2) / 15);
  const both = Math.round(contacts / 15);
  const share = (part: number): number => Math.max(1, Math.round(contacts * part));
  return {
    smsOnly: contacts - mailOnly - both,
    mailOnly,
    both,
    refused: share(0.01),
    stops: share(0.01),
    duplicates: share(0.01),
    bad: share(0.03),
  };
}

/** Makes the people of one file: rows in random order, and who of them must and must not be reached. */
export function makePeople(commune: Commune, mix: Mix, book: AddressBook, random: Random): People {
  const rows: Row[] = [];
  const reach = { sms: [] as string[], email: [] as string[] };
  const mustNotReach = { sms: [] as string[], email: [] as string[] };
  const stops: string[] = [];
  const add = (count: number, make: (person: Row) => Row): void => {
    for (let index = 0; index < count; index += 1) rows.push(make(person(commune, random)));
  };
  const withMobile = (row: Row, into: string[], mayHaveTwo = true): Row => {
    const national = book.mobile();
    into.push(e164(national));
    const written = writeNumber(national, random);
    if (mayHaveTwo && random.chance(0.01)) {
      // A second mobile in the cell: one person gets one message, on the first.
      const second = book.mobile();
      mustNotReach.sms.push(e164(second));
      return { ...row, mobile: `${written} / ${writeNumber(second, random)}`, smsConsent: 'oui' };
    }
    return { ...row, mobile: written, smsConsent: 'oui', landline: random.chance(0.2) ? writeNumber(book.landline(), random) : '' };
  };
  const withMailbox = (row: Row): Row => {
    const mailbox = book.mailbox(row.firstName, row.lastName, random);
    reach.email.push(mailbox);
    return { ...row, mailbox: random.chance(0.1) ? mailbox.toUpperCase() : mailbox, mailConsent: 'oui' };
  };
  add(mix.smsOnly, (row) => withMobile(row, reach.sms));
  add(mix.mailOnly, withMailbox);
  add(mix.both, (row) => withMailbox(withMobile(row, reach.sms)));
  const reachable = rows.length;
  add(mix.refused, (row) => ({ ...withMobile(row, mustNotReach.sms), smsConsent: 'non' }));
  // A STOP is about one number: somebody with a second one would still be reached on it.
  add(mix.stops, (row) => withMobile(row, stops, false));
  add(mix.bad, (row) => spoil(row, random));
  // The same person once more, often with the number in another shape.
  for (let index = 0; index < mix.duplicates; index += 1) {
    const twin = rows[random.between(0, reachable - 1)];
    if (twin) rows.push({ ...twin, groups: random.chance(0.5) ? twin.groups : [random.pick(GROUPS)], street: twin.street.toUpperCase() });
  }
  return { rows: random.shuffle(rows), reach, mustNotReach, stops };
}

function person(commune: Commune, random: Random): Row {
  const spread = commune.kind === 'city' ? 0.08 : 0.02;
  const position = {
    latitude: commune.centre.latitude + (random.next() - 0.5) * spread,
    longitude: commune.centre.longitude + (random.next() - 0.5) * spread,
  };
  const lastName = random.pick(LAST_NAMES);
  return {
    firstName: random.pick(FIRST_NAMES),
    lastName: random.chance(0.4) ? lastName.toUpperCase() : lastName,
    street: `${random.between(1, 180)}${random.chance(0.1) ? ' bis' : ''}${random.chance(0.3) ? ',' : ''} ${random.pick(WAY_KINDS)} ${random.pick(WAY_TITLES)}`,
    postcode: random.pick(commune.postcodes),
    position: random.chance(0.88) ? position : undefined,
    groups: GROUPS.filter(() => random.chance(0.12)),
    mobile: '',
    landline: '',
    mailbox: '',
    smsConsent: 'oui',
    mailConsent: 'oui',
    damage: 'none',
  };
}

/** Rows no honest program can reach anybody with. */
function spoil(row: Row, random: Random): Row {
  const two = (): string => String(random.between(10, 99));
  switch (random.between(0, 7)) {
    case 0:
      return { ...row, mobile: '' };
    case 1:
      return { ...row, mobile: 'à demander' };
    case 2:
      return { ...row, mobile: `06 ${two()} ${two()}` };
    case 3:
      return { ...row, mobile: `0${two()}E+08` };
    case 4:
      return { ...row, mailbox: `${row.firstName}.${row.lastName}@`.toLowerCase() };
    case 5:
      return { ...row, mobile: '00 00 00 00 00' };
    case 6:
      return { ...row, damage: 'quote' };
    default:
      return { ...row, damage: 'cells' };
  }
}
