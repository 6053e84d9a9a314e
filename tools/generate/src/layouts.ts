import iconv from 'iconv-lite';
import type { Commune } from './communes.js';
import type { Row } from './people.js';
import type { Random } from './random.js';

export type FileEncoding = 'utf-8' | 'utf-8-bom' | 'windows-1252';
export type FileDelimiter = ';' | ',' | '\t';

/** How one town hall's program writes its file. */
export interface Layout {
  readonly columns: readonly { readonly title: string; readonly value: (row: Row, commune: Commune, layout: Layout) => string }[];
  readonly delimiter: FileDelimiter;
  readonly encoding: FileEncoding;
  readonly lineEnd: '\r\n' | '\n';
  readonly decimal: ',' | '.';
  /** Between groups of one cell. */
  readonly between: '|' | ', ';
}

type Value = Layout['columns'][number]['value'];
const coordinate = (degrees: number | undefined, layout: Layout): string =>
  degrees === undefined ? '' : degrees.toFixed(6).replace('.', layout.decimal);

const lastName: Value = (row) => row.lastName;
const firstName: Value = (row) => row.firstName;
const mobile: Value = (row) => row.mobile;
const landline: Value = (row) => row.landline;
const mailbox: Value = (row) => row.mailbox;
const street: Value = (row) => row.street;
const postcode: Value = (row) => row.postcode;
const city: Value = (_row, commune) => commune.name;
const insee: Value = (_row, commune) => commune.insee;
const latitude: Value = (row, _commune, layout) => coordinate(row.position?.latitude, layout);
const longitude: Value = (row, _commune, layout) => coordinate(row.position?.longitude, layout);
const groups: Value = (row, _commune, layout) => row.groups.join(layout.between);
const smsConsent: Value = (row) => row.smsConsent;
const mailConsent: Value = (row) => row.mailConsent;
/** Both numbers in one column, as small programs export them. */
const numbers: Value = (row) => [row.mobile, row.landline].filter((number) => number !== '').join(' / ');
const nothing: Value = () => '';

const HEADERS: readonly (readonly (readonly [string, Value])[])[] = [
  [
    ['Nom', lastName],
    ['Prénom', firstName],
    ['Adresse', street],
    ['Code postal', postcode],
    ['Commune', city],
    ['Code INSEE', insee],
    ['Téléphone fixe', landline],
    ['Portable', mobile],
    ['Courriel', mailbox],
    ['Groupes', groups],
    ['Latitude', latitude],
    ['Longitude', longitude],
    ['Accord SMS', smsConsent],
    ['Accord courriel', mailConsent],
  ],
  [
    ['NOM', lastName],
    ['PRENOM', firstName],
    ['TEL', numbers],
    ['MAIL', mailbox],
    ['ADRESSE', street],
    ['CP', postcode],
    ['VILLE', city],
    ['INSEE', insee],
    ['GROUPE', groups],
    ['ACCEPTE SMS', smsConsent],
    ['ACCEPTE MAIL', mailConsent],
    ['LAT', latitude],
    ['LON', longitude],
    ['OBSERVATIONS', nothing],
  ],
  [
    ['civilité', nothing],
    ['nom', lastName],
    ['prénom', firstName],
    ['tél. portable', mobile],
    ['tél. domicile', landline],
    ['e-mail', mailbox],
    ['consentement sms', smsConsent],
    ['consentement e-mail', mailConsent],
    ['adresse', street],
    ['code postal', postcode],
    ['ville', city],
    ['code insee', insee],
    ['groupes', groups],
    ['latitude', latitude],
    ['longitude', longitude],
  ],
];

/** Every delimiter meets every encoding over the communes; a city's own comes from the seed. */
export function layoutOf(index: number, random: Random): Layout {
  const delimiter = ([';', ',', '\t'] as const)[index % 3] ?? ';';
  const encoding = (['windows-1252', 'utf-8', 'utf-8-bom'] as const)[Math.floor(index / 3) % 3] ?? 'utf-8';
  return {
    columns: random.pick(HEADERS).map(([title, value]) => ({ title, value })),
    delimiter,
    encoding,
    lineEnd: random.chance(0.7) ? '\r\n' : '\n',
    decimal: delimiter === ',' ? '.' : ',',
    between: random.chance(0.5) ? '|' : ', ',
  };
}

/** The file's bytes. */
export function writeFile(rows: readonly Row[], commune: Commune, layout: Layout): Buffer {
  const { columns, delimiter, lineEnd, encoding } = layout;
  const lines = [columns.map(({ title }) => cell(title, delimiter)).join(delimiter)];
  for (const row of rows) {
    const cells = columns.map(({ value }) => cell(value(row, commune, layout), delimiter));
    // A cell too many moves every column; a quote that never closes swallows the line.
    if (row.damage === 'cells') cells.splice(1, 0, 'décalé', 'de deux');
    if (row.damage === 'quote') cells[0] = `"${row.lastName}`;
    lines.push(cells.join(delimiter));
  }
  const text = lines.join(lineEnd) + lineEnd;
  return encoding === 'utf-8-bom' ? Buffer.from(`\uFEFF${text}`, 'utf8') : iconv.encode(text, encoding);
}

function cell(value: string, delimiter: string): string {
  return value.includes(delimiter) || value.includes('"') || value.includes('\n') ? `"${value.replaceAll('"', '""')}"` : value;
}
