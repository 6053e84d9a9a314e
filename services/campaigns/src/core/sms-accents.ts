import { NOT_GSM7, textLength } from '@tocsin/contracts';

/** What NFD cannot take apart. */
const REPLACED: Readonly<Record<string, string>> = {
  œ: 'oe',
  Œ: 'OE',
  '«': '"',
  '»': '"',
  '“': '"',
  '”': '"',
  '‘': "'",
  '’': "'",
  '…': '...',
  '–': '-',
  '—': '-',
  '•': '-',
  '\u00a0': ' ',
  '\u202f': ' ',
  '\t': ' ',
};

/** The characters that force 70-character parts, each once, in the order met. */
export function costlyCharacters(text: string): string[] {
  return [...new Set(text)].filter(isCostly);
}

/** The text with every costly character written plainly where there is a plain way; what GSM 03.38 can write stays. */
export function transliterate(text: string): string {
  return text.replaceAll(/./gsu, (character) => (isCostly(character) ? plain(character) : character));
}

function plain(character: string): string {
  const replaced = REPLACED[character] ?? character.normalize('NFD').replaceAll(/\p{M}/gu, '');
  return replaced !== '' && !isCostly(replaced) ? replaced : character;
}

function isCostly(text: string): boolean {
  return textLength(text).gsm7 === NOT_GSM7;
}
