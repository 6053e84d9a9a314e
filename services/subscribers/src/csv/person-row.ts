import type { AddressKind, Column, Header } from './header.js';
import { readMailboxes } from './mailbox.js';
import { readPhones } from './phone.js';
import type { RowVerdict, VerdictKind, VerdictReason } from './verdict.js';

/** What a row says about one kind of address: agreed, refused, or nothing (then being inscribed in the register is the agreement). */
export type Consent = 'given' | 'refused' | 'unsaid';

export interface RowAddress {
  readonly kind: AddressKind;
  /** E.164 or lower-case mailbox. */
  readonly address: string;
  readonly consent: Consent;
}

/** Template variables of a recipient, in the order of their lengths; each is '' where the register does not know it. */
export const VARIABLES = ['first_name', 'last_name', 'street', 'postcode', 'city'] as const;
export type Variable = (typeof VARIABLES)[number];

/** One row understood: at least one address. */
export interface PersonRow {
  readonly line: number;
  readonly variables: Readonly<Record<Variable, string>>;
  readonly inseeCode: string;
  readonly groups: readonly string[];
  readonly position: { readonly latitude: number; readonly longitude: number } | undefined;
  /** Mobiles first, then mailboxes, then landlines: the first names the person. */
  readonly addresses: readonly RowAddress[];
}

export interface RowContext {
  /** INSEE code of the tenant, for rows without one; '' = none. */
  readonly inseeCode: string;
  /** Groups every row joins. */
  readonly groups: readonly string[];
}

/** Characters of one variable at most: what a message could still carry. */
const MAX_VALUE = 200;
/** Groups of one contact at most, and characters of one name. */
export const MAX_GROUPS = 50;
export const MAX_GROUP_NAME = 100;
/** Addresses of one contact at most. */
export const MAX_ADDRESSES = 10;

/** The order in which addresses name a person: a mobile is one person's, a landline a home's. */
const IDENTITY_ORDER: Readonly<Record<AddressKind, number>> = { mobile: 0, mailbox: 1, landline: 2 };

/** Control characters and line separators; spaces at the ends or in runs. */
const SEPARATORS = /[\p{Cc}\u2028\u2029]|\s\s|^\s|\s$/u;
const SEPARATORS_ALL = /[\p{Cc}\u2028\u2029\s]+/gu;

const YES = /^(oui|o|yes|y|vrai|true|1|x|ok|accord|accepte|acceptee|j'accepte|favorable)$/i;
const NO = /^(non|n|no|faux|false|0|refus|refuse|refusee|pas d'accord|defavorable)$/i;

/** Understands one row; null = refused, with the verdict that says why. Cells that look like formulas are text like any other. */
export function readPerson(
  line: number,
  cells: readonly string[],
  header: Header,
  context: RowContext,
): { readonly person: PersonRow | null; readonly verdicts: readonly RowVerdict[] } {
  const verdicts: RowVerdict[] = [];
  const say = (verdict: VerdictKind, reason: VerdictReason, column = ''): void => {
    verdicts.push({ line, verdict, reason, column });
  };
  const refuse = (reason: VerdictReason, column = ''): { person: null; verdicts: readonly RowVerdict[] } => {
    say('REFUSED', reason, column);
    return { person: null, verdicts };
  };
  if (cells.slice(header.width).some((cell) => cell.trim() !== '')) return refuse('MALFORMED_ROW');

  const single = (role: Column['role']): { value: string; title: string } => {
    const column = header.columns.find((candidate) => candidate.role === role);
    return { value: column ? clean(cells[column.index] ?? '') : '', title: column?.title ?? '' };
  };
  const variables = {} as Record<Variable, string>;
  for (const name of VARIABLES) {
    const { value, title } = single(name);
    if (value.includes('\uFFFD')) say('WARNED', 'DAMAGED_TEXT', title);
    if (value.length > MAX_VALUE) say('WARNED', 'VALUE_TOO_LONG', title);
    variables[name] = value.slice(0, MAX_VALUE);
  }
  const postcode = leadingZero(variables.postcode);
  if (postcode !== '' && !/^\d{5}$/.test(postcode)) say('WARNED', 'INVALID_POSTCODE', single('postcode').title);
  variables.postcode = /^\d{5}$/.test(postcode) ? postcode : '';
  const insee = leadingZero(single('insee_code').value.toUpperCase());
  const inseeHolds = /^\d[\dAB]\d{3}$/.test(insee);
  if (insee !== '' && !inseeHolds) say('WARNED', 'INVALID_INSEE_CODE', single('insee_code').title);
  const inseeCode = inseeHolds ? insee : context.inseeCode;

  const consents = readConsents(cells, header, (reason, column) => say('WARNED', reason, column));
  const found = new Map<string, RowAddress>();
  let failed: { reason: VerdictReason; column: string } | undefined;
  for (const column of header.columns) {
    if (column.role !== 'phone' && column.role !== 'mailbox') continue;
    const cell = cells[column.index] ?? '';
    const { addresses, invalid } = column.role === 'phone' ? phonesOf(cell, inseeCode) : mailboxesOf(cell);
    if (invalid > 0) {
      const reason = column.role === 'phone' ? 'INVALID_PHONE' : 'INVALID_EMAIL';
      failed ??= { reason, column: column.title };
      say('WARNED', reason, column.title);
    }
    for (const { kind, address } of addresses) found.set(address, { kind, address, consent: consents(kind) });
  }
  if (found.size === 0) {
    verdicts.length = 0;
    return failed ? refuse(failed.reason, failed.column) : refuse('NO_ADDRESS');
  }
  const ordered = [...found.values()].sort((one, other) => IDENTITY_ORDER[one.kind] - IDENTITY_ORDER[other.kind]);
  if (ordered.length > MAX_ADDRESSES) say('WARNED', 'TOO_MANY_ADDRESSES');

  const latitude = single('latitude');
  const longitude = single('longitude');
  const position = readPosition(latitude.value, longitude.value);
  if (position === 'invalid') say('WARNED', 'INVALID_POSITION', latitude.title || longitude.title);

  const groups = new Set(context.groups);
  for (const column of header.columns) {
    if (column.role !== 'groups') continue;
    for (const name of (cells[column.index] ?? '').split(/[|,;]/)) if (clean(name) !== '') groups.add(clean(name).slice(0, MAX_GROUP_NAME));
  }
  if (groups.size > MAX_GROUPS) say('WARNED', 'TOO_MANY_GROUPS');

  const person = {
    line,
    variables,
    inseeCode,
    groups: [...groups].slice(0, MAX_GROUPS).sort(),
    position: position === 'invalid' ? undefined : position,
    addresses: ordered.slice(0, MAX_ADDRESSES),
  };
  return { person, verdicts };
}

function phonesOf(cell: string, inseeCode: string): { addresses: { kind: AddressKind; address: string }[]; invalid: number } {
  const { phones, invalid } = readPhones(cell, inseeCode);
  return { addresses: phones.map(({ kind, number }) => ({ kind, address: number })), invalid };
}

function mailboxesOf(cell: string): { addresses: { kind: AddressKind; address: string }[]; invalid: number } {
  const { mailboxes, invalid } = readMailboxes(cell);
  return { addresses: mailboxes.map((address) => ({ kind: 'mailbox', address })), invalid };
}

/**
 * A refusal anywhere wins. A consent column that is there and empty, or says something nobody knows, is no agreement: where a register records consent
 * person by person, silence is not a yes.
 */
function readConsents(
  cells: readonly string[],
  header: Header,
  warn: (reason: VerdictReason, column: string) => void,
): (kind: AddressKind) => Consent {
  const said = new Map<AddressKind, Consent>();
  const refuse = (column: Column): void => column.kinds.forEach((kind) => said.set(kind, 'refused'));
  for (const column of header.columns) {
    if (column.role !== 'consent' && column.role !== 'opposition') continue;
    const value = withoutAccents(clean(cells[column.index] ?? ''));
    if (column.role === 'opposition') {
      if (value === '' || NO.test(value)) continue;
      if (!YES.test(value)) warn('UNKNOWN_CONSENT', column.title);
      refuse(column);
    } else if (YES.test(value)) {
      for (const kind of column.kinds) if (said.get(kind) !== 'refused') said.set(kind, 'given');
    } else {
      if (!NO.test(value)) warn('UNKNOWN_CONSENT', column.title);
      refuse(column);
    }
  }
  return (kind) => said.get(kind) ?? 'unsaid';
}

function readPosition(latitude: string, longitude: string): PersonRow['position'] | 'invalid' {
  if (latitude === '' && longitude === '') return undefined;
  const lat = decimal(latitude);
  const lon = decimal(longitude);
  if (lat === undefined || lon === undefined || Math.abs(lat) > 90 || Math.abs(lon) > 180) return 'invalid';
  // Nobody lives on Null Island; exports write it for "unknown".
  if (lat === 0 && lon === 0) return 'invalid';
  return { latitude: lat, longitude: lon };
}

function decimal(text: string): number | undefined {
  return /^[+-]?\d{1,3}([.,]\d{1,15})?$/.test(text) ? Number(text.replace(',', '.')) : undefined;
}

/** Spreadsheets drop the zero of "01400". */
function leadingZero(code: string): string {
  return /^\d[\dAB]?\d{2}$/.test(code) && code.length === 4 ? `0${code}` : code;
}

/** One line of text: control characters (a mail header could be injected by one) and runs of spaces become one space. */
function clean(cell: string): string {
  const plain = SEPARATORS.test(cell) ? cell.replaceAll(SEPARATORS_ALL, ' ').trim() : cell;
  return plain.normalize('NFC');
}

function withoutAccents(text: string): string {
  return text.normalize('NFD').replaceAll(/[\u0300-\u036f]/g, '');
}
