import { domainToASCII } from 'node:url';

/** RFC 5321: 64 characters before the @, 254 in all. */
const MAX_LOCAL = 64;
const MAX_MAILBOX = 254;
/** Dot-atoms only: quoted local parts are legal, unknown in town halls, and a way to inject headers. */
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** The mailbox in lower case with its domain in ASCII, undefined when a mail server would refuse it. */
export function readMailbox(written: string): string | undefined {
  const text = written
    .trim()
    .replace(/^mailto:/i, '')
    .toLowerCase();
  const at = text.lastIndexOf('@');
  if (at < 1 || text.length > MAX_MAILBOX) return undefined;
  const local = text.slice(0, at);
  const domain = domainToASCII(text.slice(at + 1));
  if (local.length > MAX_LOCAL || !LOCAL.test(local) || !DOMAIN.test(domain)) return undefined;
  return `${local}@${domain}`;
}

/** Every mailbox of a cell, with how many were unreadable. */
export function readMailboxes(cell: string): { readonly mailboxes: readonly string[]; readonly invalid: number } {
  const parts = cell.split(/[;,|\s]+|\s+(?:ou|et)\s+/i).filter((part) => part !== '');
  const mailboxes = parts.map(readMailbox).filter((mailbox) => mailbox !== undefined);
  return { mailboxes, invalid: mailboxes.length > 0 ? parts.length - mailboxes.length : Math.min(parts.length, 1) };
}

/** The domain of a normalised mailbox. */
export function domainOf(mailbox: string): string {
  return mailbox.slice(mailbox.lastIndexOf('@') + 1);
}
