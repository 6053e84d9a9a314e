import { describe, expect, it } from 'vitest';
import { readPhone, readPhones } from './phone.js';

const ROWS: readonly { says: string; written: string; insee?: string; is: string | undefined }[] = [
  { says: 'a mobile with spaces (reserved for fiction)', written: '06 39 98 12 34', is: 'mobile +33639981234' },
  { says: 'dots', written: '06.39.98.12.34', is: 'mobile +33639981234' },
  { says: 'dashes', written: '06-39-98-12-34', is: 'mobile +33639981234' },
  { says: 'slashes inside one number', written: '06/39/98/12/34', is: 'mobile +33639981234' },
  { says: 'no-break spaces', written: '06\u00a039\u00a098\u00a012\u00a034', is: 'mobile +33639981234' },
  { says: 'the zero a spreadsheet dropped', written: '639981234', is: 'mobile +33639981234' },
  { says: '+33', written: '+33 6 39 98 12 34', is: 'mobile +33639981234' },
  { says: '+33 (0)', written: '+33 (0)6 39 98 12 34', is: 'mobile +33639981234' },
  { says: '0033', written: '0033639981234', is: 'mobile +33639981234' },
  { says: 'a landline', written: '01 99 00 12 34', is: 'landline +33199001234' },
  { says: 'a box number is a landline', written: '09 70 12 34 56', is: 'landline +33970123456' },
  { says: 'Guadeloupe by the INSEE code', written: '0690 00 12 34', insee: '97105', is: 'mobile +590690001234' },
  { says: 'Guadeloupe in a mainland file', written: '0690 00 12 34', insee: '75056', is: 'mobile +590690001234' },
  { says: 'Guadeloupe written with +33', written: '+33 690 00 12 34', insee: '97105', is: 'mobile +590690001234' },
  { says: 'Martinique', written: '0696 00 12 34', insee: '97209', is: 'mobile +596696001234' },
  { says: 'Guyane', written: '0694 20 12 34', insee: '97302', is: 'mobile +594694201234' },
  { says: 'La Réunion', written: '0692 00 12 34', insee: '97411', is: 'mobile +262692001234' },
  { says: 'Mayotte', written: '0639 00 12 34', insee: '97611', is: 'mobile +262639001234' },
  { says: 'Nouvelle-Calédonie', written: '75 12 34', insee: '98818', is: 'mobile +687751234' },
  { says: 'Nouvelle-Calédonie, a landline', written: '25.12.34', insee: '98818', is: 'landline +687251234' },
  { says: 'six digits in a mainland file are no number', written: '75 12 34', insee: '75056', is: undefined },
  { says: 'Polynésie', written: '87 12 34 56', insee: '98735', is: 'mobile +68987123456' },
  { says: 'Saint-Pierre-et-Miquelon', written: '55 12 34', insee: '97502', is: 'mobile +508551234' },
  { says: 'Saint-Martin', written: '0690 00 12 34', insee: '97801', is: 'mobile +590690001234' },
  { says: 'a mainland number in Nouvelle-Calédonie', written: '06 39 98 12 34', insee: '98818', is: 'mobile +33639981234' },
  { says: 'the formula that keeps a zero', written: '="0639981234"', is: 'mobile +33639981234' },
  { says: 'the apostrophe that keeps a zero', written: "'0639981234", is: 'mobile +33639981234' },
  { says: 'a mainland number in La Réunion', written: '06 39 98 12 34', insee: '97411', is: 'mobile +33639981234' },
  { says: 'Belgium', written: '0032 470 12 34 56', is: 'mobile +32470123456' },
  { says: 'too short', written: '06 39 98 12', is: undefined },
  { says: 'too long', written: '06 39 98 12 34 56', is: undefined },
  { says: 'premium', written: '0899 12 34 56', is: undefined },
  { says: 'letters', written: '06 APPELEZ MOI', is: undefined },
  { says: 'the float of a spreadsheet', written: '6,39981E+08', is: undefined },
  { says: 'a formula', written: '=CMD()', is: undefined },
  { says: 'nothing', written: '', is: undefined },
];

describe('reading a phone number', () => {
  it.each(ROWS)('$says', ({ written, insee, is }) => {
    const phone = readPhone(written, insee ?? '42218');
    expect(phone && `${phone.kind} ${phone.number}`).toBe(is);
  });

  it.each([
    { says: 'one', cell: '06 39 98 00 01', numbers: ['+33639980001'], invalid: 0 },
    { says: 'two behind a slash', cell: '06 39 98 00 01 / 01 99 00 00 02', numbers: ['+33639980001', '+33199000002'], invalid: 0 },
    { says: 'two behind "ou"', cell: '0639980001 ou 0639980002', numbers: ['+33639980001', '+33639980002'], invalid: 0 },
    { says: 'a good one and a bad one', cell: '0639980001, 123', numbers: ['+33639980001'], invalid: 1 },
    { says: 'an empty cell is not wrong', cell: '  ', numbers: [], invalid: 0 },
  ])('several in a cell: $says', ({ cell, numbers, invalid }) => {
    const read = readPhones(cell, '42218');
    expect(read.phones.map((phone) => phone.number)).toEqual(numbers);
    expect(read.invalid).toBe(invalid);
  });
});
