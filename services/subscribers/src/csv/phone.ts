import { parsePhoneNumberFromString, type CountryCode, type PhoneNumber } from 'libphonenumber-js/max';

export interface Phone {
  readonly kind: 'mobile' | 'landline';
  /** E.164. */
  readonly number: string;
}

/** Territories with a country code of their own, by the first three characters of the INSEE code. */
const TERRITORIES: readonly { readonly insee: string; readonly country: CountryCode }[] = [
  { insee: '971', country: 'GP' },
  { insee: '972', country: 'MQ' },
  { insee: '973', country: 'GF' },
  { insee: '974', country: 'RE' },
  { insee: '975', country: 'PM' },
  { insee: '976', country: 'YT' },
  { insee: '977', country: 'BL' },
  { insee: '978', country: 'MF' },
  { insee: '986', country: 'WF' },
  { insee: '987', country: 'PF' },
  { insee: '988', country: 'NC' },
];

/** Where numbers have the nine digits of the mainland, so that one is recognised wherever its owner lives now; the six of Nouméa would be anything. */
const NINE_DIGITS: readonly CountryCode[] = ['FR', 'GP', 'MQ', 'GF', 'RE', 'YT'];

/** Characters of a written number at most: the longest E.164 number with generous punctuation. */
const MAX_CHARACTERS = 40;
/** Digits of a written number at most: 15 of E.164 and the 00 before them. */
const MAX_DIGITS = 17;
/** Digits, a plus, and what people put between; letters would be read as a keypad by the library. */
const WRITTEN = /^[+\d\s().\-/ \u00a0\u202f\u2011\u2013]+$/;
/** Reserved by ARCEP for fiction (decision 2018-0881): never attributed, so the library refuses it; fixtures live on it. */
const FICTION = /^\+3363998\d{4}$/;

/** The country a number without prefix belongs to, by the INSEE code of its commune. */
export function countryOf(inseeCode: string): CountryCode {
  return TERRITORIES.find((territory) => inseeCode.startsWith(territory.insee))?.country ?? 'FR';
}

/**
 * The E.164 number of a written one and whether it is a mobile, undefined when it is no dialable number. A national number is tried in the commune's country,
 * then in the mainland, then overseas (people move and keep their number); a territory's number written with +33 is mended.
 */
export function readPhone(written: string, inseeCode: string): Phone | undefined {
  const text = unformatted(written.trim());
  if (text.length === 0 || text.length > MAX_CHARACTERS || !WRITTEN.test(text)) return undefined;
  const own = countryOf(inseeCode);
  const first = parsePhoneNumberFromString(text, own);
  const direct = accept(first);
  if (direct) return direct;
  const international = /^\s*(\+|00)/.test(text);
  if (international && first?.countryCallingCode !== '33') return undefined;
  const national = international ? `0${first?.nationalNumber ?? ''}` : text;
  for (const country of NINE_DIGITS) {
    const phone = accept(parsePhoneNumberFromString(national, country));
    if (phone) return phone;
  }
  return undefined;
}

/** ="0612345678" and '0612345678 are how spreadsheets keep a leading zero. */
function unformatted(text: string): string {
  return /^="([^"]*)"$/.exec(text)?.[1]?.trim() ?? text.replace(/^'/, '');
}

function accept(parsed: PhoneNumber | undefined): Phone | undefined {
  if (!parsed) return undefined;
  if (FICTION.test(parsed.number)) return { kind: 'mobile', number: parsed.number };
  switch (parsed.getType()) {
    case 'MOBILE':
    // North America does not tell the two apart; a message costs nothing where it cannot arrive.
    case 'FIXED_LINE_OR_MOBILE':
      return { kind: 'mobile', number: parsed.number };
    case 'FIXED_LINE':
    case 'VOIP':
      return { kind: 'landline', number: parsed.number };
    default:
      // Premium, shared cost, toll free, pagers: nobody lives there.
      return undefined;
  }
}

/** Every number of a cell ("06 12 34 56 78 / 04 77 00 00 00"), with how many were unreadable. */
export function readPhones(cell: string, inseeCode: string): { readonly phones: readonly Phone[]; readonly invalid: number } {
  const text = cell.trim();
  if (text === '') return { phones: [], invalid: 0 };
  // More digits than E.164 has are several numbers; the library takes long to find that out.
  const whole = text.replaceAll(/\D/g, '').length <= MAX_DIGITS ? readPhone(text, inseeCode) : undefined;
  if (whole) return { phones: [whole], invalid: 0 };
  const parts = text.split(/[/;,|\n\r]+|\s+(?:ou|et|puis)\s+|\s+-\s+/i).filter((part) => part.trim() !== '');
  if (parts.length < 2) return { phones: [], invalid: 1 };
  const phones = parts.map((part) => readPhone(part, inseeCode)).filter((phone) => phone !== undefined);
  return phones.length > 0 ? { phones, invalid: parts.length - phones.length } : { phones: [], invalid: 1 };
}
