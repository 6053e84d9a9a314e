/** What is looked for: national significant numbers (9 digits) and lower-case mailboxes. */
export interface Needles {
  readonly numbers: ReadonlySet<string>;
  readonly mailboxes: ReadonlySet<string>;
}

/** Runs of digits that may be a French number: alone, not part of a longer run. */
const NUMBER = /(?<![0-9A-Za-z])(?:\+|00)?(?:33|262|590|594|596)?0?([1-79][0-9]{8})(?![0-9A-Za-z])/g;
/** The same as people write them: in pairs with spaces, dots or dashes. */
const PAIRED = /(?<![0-9])(?:(?:\+|00)33[ .-]?|0)([1-79])((?:[ .-][0-9]{2}){4})(?![0-9])/g;
const MAILBOX = /[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}/gi;

export function numbersIn(text: string): string[] {
  const plain = [...text.matchAll(NUMBER)].map((match) => match[1]!);
  const paired = [...text.matchAll(PAIRED)].map((match) => match[1]! + match[2]!.replaceAll(/[^0-9]/g, ''));
  return [...plain, ...paired];
}

export function mailboxesIn(text: string): string[] {
  return [...text.matchAll(MAILBOX)].map((match) => match[0].toLowerCase());
}

export function needlesOf(texts: Iterable<string>): Needles {
  const numbers = new Set<string>();
  const mailboxes = new Set<string>();
  for (const text of texts) {
    for (const number of numbersIn(text)) numbers.add(number);
    for (const mailbox of mailboxesIn(text)) mailboxes.add(mailbox);
  }
  return { numbers, mailboxes };
}

/** How many needles stand in a text. */
export function findings(text: string, needles: Needles): { readonly numbers: number; readonly mailboxes: number } {
  return {
    numbers: numbersIn(text).filter((number) => needles.numbers.has(number)).length,
    mailboxes: mailboxesIn(text).filter((mailbox) => needles.mailboxes.has(mailbox)).length,
  };
}
