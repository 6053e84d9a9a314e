import { TocsinError } from '@tocsin/errors';
import type { Delimiter, RawRow } from './row-reader.js';
import { RowReader } from './row-reader.js';

/** Kinds of address a person can have; a channel's manifest says which it takes. */
export type AddressKind = 'mobile' | 'landline' | 'mailbox';

/** What a column holds. */
export type Role =
  | 'first_name'
  | 'last_name'
  | 'street'
  | 'postcode'
  | 'city'
  | 'insee_code'
  | 'latitude'
  | 'longitude'
  | 'groups'
  | 'phone'
  | 'mailbox'
  | 'consent'
  | 'opposition';

export interface Column {
  readonly index: number;
  /** As the file writes it: what verdicts name. */
  readonly title: string;
  readonly role: Role;
  /** Consents: the kinds of address it speaks of. */
  readonly kinds: readonly AddressKind[];
}

export interface Header {
  readonly delimiter: Delimiter;
  readonly width: number;
  readonly columns: readonly Column[];
}

/** Columns of a file at most. */
export const MAX_COLUMNS = 200;

const ALL_KINDS: readonly AddressKind[] = ['mobile', 'landline', 'mailbox'];

/** Titles as `plain` leaves them (no accents, case, spaces, punctuation, trailing number), in the order tried. */
const TITLES: readonly { readonly role: Role; readonly matches: RegExp; readonly kinds?: readonly AddressKind[] }[] = [
  { role: 'opposition', matches: /^(opposition|oppose|opposee|opposant|refus|stop|desinscrit|desabonne|listerouge)/ },
  {
    role: 'consent',
    matches: /^(accord|accepte|acceptation|consentement|consent|autorisation|autorise|optin|abonne|inscrit)(.*)(sms|portable|mobile|texto)/,
    kinds: ['mobile'],
  },
  {
    role: 'consent',
    matches: /^(accord|accepte|acceptation|consentement|consent|autorisation|autorise|optin|abonne|inscrit)(.*)(mail|courriel|newsletter)/,
    kinds: ['mailbox'],
  },
  {
    role: 'consent',
    matches: /^(accord|accepte|acceptation|consentement|consent|autorisation|autorise|optin|abonne|inscrit)(.*)(appel|vocal|fixe|tel)/,
    kinds: ['landline'],
  },
  {
    role: 'consent',
    matches: /^(accord|accepte|acceptation|consentement|consent|autorisation|autorise|optin|rgpd)(alertes?|rgpd|general|contact|envois?)?$/,
    kinds: ALL_KINDS,
  },
  { role: 'first_name', matches: /^(prenoms?|prenomusuel|firstname|givenname)$/ },
  {
    role: 'last_name',
    matches: /^(noms?|nomdefamille|nomdusage|nomusage|nomusuel|nomprenoms?|nometprenoms?|nomcomplet|lastname|surname|name)$/,
  },
  {
    role: 'mailbox',
    matches: /^(e?mails?|courriels?|emel|mel|adresse?(e?mail|mel|courriel|electronique)|email(perso|personnel|principal|secondaire))$/,
  },
  {
    role: 'phone',
    matches:
      /^(n|no|num|numero|numeros)?(de|du)?(telephones?|tel|phone|portables?|mobiles?|gsm|sms|fixe|ligne)(portable|mobile|fixe|domicile|maison|bureau|travail|perso|personnel|principal|secondaire|phone)?$/,
  },
  { role: 'phone', matches: /^(domicile|telephoneportable|mobilephone|landline)$/ },
  { role: 'postcode', matches: /^(codepostal|cp|postcode|zip|zipcode)$/ },
  { role: 'insee_code', matches: /^(code)?(insee|inseecommune|communeinsee)(code)?$|^codecommune$|^codgeo$/ },
  { role: 'city', matches: /^(communes?|villes?|localite|city|nomcommune|nomdelacommune|libellecommune)$/ },
  { role: 'street', matches: /^(adresse|adressepostale|rue|voie|street|address|adressedomicile|numeroetvoie|numeroetrue)$/ },
  { role: 'latitude', matches: /^(lat|latitude|ycoord|coordy)$/ },
  { role: 'longitude', matches: /^(lon|lng|long|longitude|xcoord|coordx)$/ },
  { role: 'groups', matches: /^(groupes?|groups?|listes?|categories?|etiquettes?|tags?)$/ },
];

/** Roles that only the first column of a title may fill; a second one is ignored. */
const SINGLE: ReadonlySet<Role> = new Set(['first_name', 'last_name', 'street', 'postcode', 'city', 'insee_code', 'latitude', 'longitude']);

const DELIMITERS: readonly Delimiter[] = [';', ',', '\t'];

/** Lower case letters only: "N° de Téléphone 2" becomes "ndetelephone". */
export function plain(title: string): string {
  return title
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');
}

/** Reads the header line: the delimiter is the one under which most columns are known. Throws INVALID_ARGUMENT "NO_USABLE_HEADER". */
export function readHeader(line: string): Header {
  const readings = DELIMITERS.map((delimiter) => reading(line, delimiter));
  const best = readings.reduce((one, other) => (other.columns.length > one.columns.length ? other : one));
  if (best.width > MAX_COLUMNS) throw unusable(`The header has ${best.width} columns; at most ${MAX_COLUMNS} are read.`);
  if (best.columns.length === 0) {
    throw unusable(
      'The first line names no known column: expected titles such as "nom", "prénom", "portable", "courriel", separated by ; , or tabs.',
    );
  }
  if (!best.columns.some((column) => column.role === 'phone' || column.role === 'mailbox')) {
    throw unusable('The first line names no column of telephone numbers or mailboxes, so nobody could be reached.');
  }
  return best;
}

function reading(line: string, delimiter: Delimiter): Header {
  const reader = new RowReader(delimiter, 1);
  const rows: RawRow[] = [...reader.push(line), ...reader.end()];
  const row = rows[0];
  const titles = row && 'cells' in row ? row.cells : [];
  const taken = new Set<Role>();
  const columns: Column[] = [];
  titles.forEach((title, index) => {
    const known = TITLES.find((candidate) => candidate.matches.test(plain(title)));
    if (!known || (SINGLE.has(known.role) && taken.has(known.role))) return;
    taken.add(known.role);
    columns.push({ index, title: title.trim(), role: known.role, kinds: known.kinds ?? ALL_KINDS });
  });
  return { delimiter, width: titles.length, columns };
}

function unusable(message: string): TocsinError {
  return new TocsinError('INVALID_ARGUMENT', 'NO_USABLE_HEADER', message, { fieldViolations: [{ field: 'chunk', description: message }] });
}
