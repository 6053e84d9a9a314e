// node tools/generate/dist/main.js --out DIR --seed N [--city CONTACTS] [--towns N] [--town CONTACTS] [--communes N]
// Writes one CSV file a municipality and manifest.json: who must be reached, who must not, and which numbers will write STOP.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AddressBook } from './addresses.js';
import { pickCommunes } from './communes.js';
import { layoutOf, writeFile } from './layouts.js';
import { makePeople, mixOf } from './people.js';
import { randomOf } from './random.js';

/** Contacts of a small commune's register. */
const COMMUNE_CONTACTS = { from: 20, to: 500 } as const;
/** The blocks of numbers hold this many, with room for STOPs and second numbers. */
const MAX_CONTACTS = 5_000_000;

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    seed: { type: 'string', default: '1' },
    city: { type: 'string', default: '150000' },
    towns: { type: 'string', default: '2' },
    town: { type: 'string', default: '5000' },
    communes: { type: 'string', default: '40' },
  },
});
if (values.out === undefined) throw new Error('--out DIR is missing.');
const out = values.out;
const seed = whole('seed', values.seed, Number.MAX_SAFE_INTEGER);
const cityContacts = whole('city', values.city, MAX_CONTACTS);
const townContacts = whole('town', values.town, MAX_CONTACTS);
const wanted = { towns: whole('towns', values.towns, 100), communes: whole('communes', values.communes, 1_000) };

mkdirSync(out, { recursive: true });
const book = new AddressBook(seed);
const communes = pickCommunes(seed, wanted).filter(({ kind }) => kind !== 'city' || cityContacts > 0);
const tenants = communes.map((commune, index) => {
  const random = randomOf(seed, 'people', commune.insee);
  const contacts =
    commune.kind === 'city'
      ? cityContacts
      : commune.kind === 'town'
        ? townContacts
        : random.between(COMMUNE_CONTACTS.from, COMMUNE_CONTACTS.to);
  const mix = mixOf(contacts);
  const { rows, reach, mustNotReach, stops } = makePeople(commune, mix, book, random);
  const layout = layoutOf(index, random);
  const key = `${commune.kind}-${commune.insee}`;
  writeFileSync(join(out, `${key}.csv`), writeFile(rows, commune, layout));
  return {
    key,
    insee: commune.insee,
    name: commune.name,
    kind: commune.kind,
    file: `${key}.csv`,
    delimiter: layout.delimiter,
    encoding: layout.encoding,
    rows: rows.length,
    recipients: contacts,
    sms: reach.sms.length,
    email: reach.email.length,
    badRows: mix.bad,
    refusedConsent: mix.refused,
    duplicates: mix.duplicates,
    reach,
    mustNotReach,
    stops,
  };
});
// Written last: a folder without a manifest is not finished.
writeFileSync(join(out, 'manifest.json'), `${JSON.stringify({ seed, tenants })}\n`);
const rows = tenants.reduce((sum, tenant) => sum + tenant.rows, 0);
process.stdout.write(`${JSON.stringify({ out, seed, tenants: tenants.length, rows })}\n`);

function whole(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > max) throw new Error(`--${name} must be a whole number from 0 to ${max}.`);
  return value;
}
