import { describe, expect, it } from 'vitest';
import { readHeader } from './header.js';
import { readPerson } from './person-row.js';
import { RowReader } from './row-reader.js';

function person(header: string, row: string, context = { inseeCode: '42218', groups: [] as string[] }): ReturnType<typeof readPerson> {
  const read = readHeader(header);
  const raw = [...new RowReader(read.delimiter, 2).push(`${row}\n`)][0];
  if (!raw || !('cells' in raw)) throw new Error('not a row');
  return readPerson(raw.line, raw.cells, read, context);
}

const said = ({ verdicts }: ReturnType<typeof readPerson>): string[] =>
  verdicts.map(({ verdict, reason, column }) => `${verdict} ${reason} ${column}`.trim());
const reached = (read: ReturnType<typeof readPerson>): string[] | undefined =>
  read.person?.addresses.map(({ kind, address, consent }) => `${kind} ${address} ${consent}`);

const ROWS: readonly { says: string; header: string; row: string; addresses?: readonly string[]; verdicts?: readonly string[] }[] = [
  {
    says: 'mobile, landline and mail in one row, the most personal first',
    header: 'Nom;Prénom;Tél. fixe;Courriel;Portable',
    row: 'Roux;Ana;01 99 00 00 01;A.Roux@Example.org;06 39 98 00 01',
    addresses: ['mobile +33639980001 unsaid', 'mailbox a.roux@example.org unsaid', 'landline +33199000001 unsaid'],
  },
  { says: 'commas', header: 'nom,téléphone', row: 'Roux,0639980001', addresses: ['mobile +33639980001 unsaid'] },
  { says: 'tabs and upper case', header: 'NOM\tN° DE TÉLÉPHONE', row: 'Roux\t0639980001', addresses: ['mobile +33639980001 unsaid'] },
  {
    says: 'a numbered second column',
    header: 'nom;téléphone 1;téléphone 2',
    row: 'Roux;0639980001;0199000001',
    addresses: ['mobile +33639980001 unsaid', 'landline +33199000001 unsaid'],
  },
  {
    says: 'consent by kind',
    header: 'nom;portable;mail;Accord SMS;accepte les e-mails',
    row: 'Roux;0639980001;a@example.org;non;OUI',
    addresses: ['mobile +33639980001 refused', 'mailbox a@example.org given'],
  },
  {
    says: 'a consent for all',
    header: 'nom;portable;mail;Consentement',
    row: 'Roux;0639980001;a@example.org;x',
    addresses: ['mobile +33639980001 given', 'mailbox a@example.org given'],
  },
  {
    says: 'a consent column left empty is no agreement',
    header: 'nom;portable;accord sms',
    row: 'Roux;0639980001;',
    addresses: ['mobile +33639980001 refused'],
    verdicts: ['WARNED UNKNOWN_CONSENT accord sms'],
  },
  {
    says: 'an opposition refuses everything',
    header: 'nom;portable;accord sms;opposition',
    row: 'Roux;0639980001;oui;oui',
    addresses: ['mobile +33639980001 refused'],
  },
  {
    says: 'no opposition leaves things as they are',
    header: 'nom;portable;opposition',
    row: 'Roux;0639980001;non',
    addresses: ['mobile +33639980001 unsaid'],
  },
  {
    says: 'a bad number beside a good mail is told',
    header: 'nom;portable;mail',
    row: 'Roux;12;a@example.org',
    addresses: ['mailbox a@example.org unsaid'],
    verdicts: ['WARNED INVALID_PHONE portable'],
  },
  { says: 'only a bad number refuses the row', header: 'nom;portable;mail', row: 'Roux;12;', verdicts: ['REFUSED INVALID_PHONE portable'] },
  { says: 'only a bad mail', header: 'nom;portable;e-mail', row: 'Roux;;roux@', verdicts: ['REFUSED INVALID_EMAIL e-mail'] },
  { says: 'nothing to reach', header: 'nom;portable;e-mail', row: 'Roux;;', verdicts: ['REFUSED NO_ADDRESS'] },
  {
    says: 'more cells than titles: everything may have shifted',
    header: 'nom;portable',
    row: 'Roux;Ana;0639980001',
    verdicts: ['REFUSED MALFORMED_ROW'],
  },
  {
    says: 'empty cells behind the titles are nothing',
    header: 'nom;portable',
    row: 'Roux;0639980001;;',
    addresses: ['mobile +33639980001 unsaid'],
  },
  { says: 'fewer cells than titles', header: 'portable;nom;mail', row: '0639980001', addresses: ['mobile +33639980001 unsaid'] },
  {
    says: 'a position that is none',
    header: 'portable;latitude;longitude',
    row: '0639980001;45,43;abc',
    addresses: ['mobile +33639980001 unsaid'],
    verdicts: ['WARNED INVALID_POSITION latitude'],
  },
  {
    says: 'a latitude beyond the pole',
    header: 'portable;lat;lon',
    row: '0639980001;95.1;4.2',
    addresses: ['mobile +33639980001 unsaid'],
    verdicts: ['WARNED INVALID_POSITION lat'],
  },
  {
    says: 'the same number in two shapes',
    header: 'portable;téléphone',
    row: '06 39 98 00 01;+33639980001',
    addresses: ['mobile +33639980001 unsaid'],
  },
  {
    says: 'a formula as a name is text',
    header: 'nom;portable',
    row: '=HYPERLINK(1);0639980001',
    addresses: ['mobile +33639980001 unsaid'],
  },
];

describe('understanding a row', () => {
  it.each(ROWS)('$says', ({ header, row, addresses, verdicts }) => {
    const read = person(header, row);
    expect(reached(read)).toEqual(addresses);
    expect(said(read)).toEqual(verdicts ?? []);
  });

  it('reads groups, codes and a position with a comma', () => {
    const read = person(
      'nom;prénom;portable;adresse;code postal;commune;code INSEE;groupes;latitude;longitude',
      'Œ;Zoé;0639980001;1 rue X;1400;Forêt;1001;"École | Quai Nord,Sud;Halles";45,4300;4.39',
      { inseeCode: '42218', groups: ['Tous'] },
    );
    expect(read.person).toMatchObject({
      inseeCode: '01001',
      groups: ['Halles', 'Quai Nord', 'Sud', 'Tous', 'École'],
      position: { latitude: 45.43, longitude: 4.39 },
      variables: { first_name: 'Zoé', last_name: 'Œ', street: '1 rue X', postcode: '01400', city: 'Forêt' },
    });
  });

  it('keeps line ends and control characters out of variables', () => {
    expect(person('nom;portable', '"Ro\nux\tB";0639980001').person?.variables.last_name).toBe('Ro ux B');
  });

  it.each([
    { says: 'no known title', header: 'a;b;c' },
    { says: 'nobody could be reached', header: 'nom;prénom;adresse' },
    { says: 'one word', header: 'bonjour' },
  ])('refuses a header: $says', ({ header }) => {
    expect(() => readHeader(header)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', reason: 'NO_USABLE_HEADER' }));
  });

  it.each([
    'nom;prénom;téléphone;tél.;portable;mobile;téléphone fixe;N° de portable;tel domicile;Numéro de téléphone',
    'courriel;e-mail;mail;Adresse e-mail;adresse mail;email',
    'adresse;code postal;commune;code INSEE;latitude;longitude;groupe;portable',
    'ville;CP;INSEE;lat;lng;groupes;GSM',
    'accord sms;accepte sms;consentement;Consentement e-mail;opposition;RGPD;mail',
  ])('knows every title of %s', (header) => {
    const read = readHeader(header);
    expect(read.columns).toHaveLength(read.width);
  });
});
