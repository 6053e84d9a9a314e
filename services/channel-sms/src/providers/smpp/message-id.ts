/** How an operator writes a message id: some answer in hexadecimal and report in decimal. */
export type IdNotation = 'text' | 'hex' | 'decimal';

/** One spelling for every way an operator writes the same id: decimal without leading zeros for numbers, upper case for text. */
export function normaliseId(id: string, notation: IdNotation): string {
  const text = id.trim().toUpperCase();
  switch (notation) {
    case 'text':
      return withoutLeadingZeros(text);
    case 'hex':
      return /^[0-9A-F]{1,32}$/.test(text) ? BigInt(`0x${text}`).toString() : withoutLeadingZeros(text);
    case 'decimal':
      return /^\d{1,40}$/.test(text) ? BigInt(text).toString() : withoutLeadingZeros(text);
  }
}

function withoutLeadingZeros(text: string): string {
  return text.replace(/^0+(?=.)/, '');
}
