import { createHash } from 'node:crypto';
import { domainToASCII } from 'node:url';
import * as qp from 'nodemailer/lib/qp';
import type { Submission } from '@tocsin/channel-kit';
import { mailboxHeader, oneLine, plainHeader, textHeader } from './header-text.js';
import { htmlBody } from './html-text.js';

/** What does not change between the mails of an installation. */
export interface MailSetting {
  /** Right side of Message-ID. */
  readonly messageIdDomain: string;
  /** Sender where the tenant has none. */
  readonly defaultSender: string;
  /** Mailbox for the mailto form of List-Unsubscribe. */
  readonly unsubscribeMailbox: string;
  /** Public address of the gateway's HTTP, without a slash at the end. */
  readonly publicUrl: string;
}

/** A mail ready to be signed and sent. */
export interface Mail {
  readonly from: string;
  readonly to: string;
  /** Names the delivery in bounces (ENVID). */
  readonly envelopeId: string;
  readonly messageId: string;
  /** Header lines, folded, without the empty line. */
  readonly headers: readonly string[];
  /** ASCII with CRLF, ends in CRLF. */
  readonly body: string;
}

/** A mailbox that SMTP without extensions can carry, its domain in ASCII; undefined: it cannot. */
export function wireMailbox(mailbox: string): string | undefined {
  const at = mailbox.lastIndexOf('@');
  const local = mailbox.slice(0, at);
  const domain = domainToASCII(mailbox.slice(at + 1));
  if (at < 1 || domain === '' || mailbox.length > 254) return undefined;
  return /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}$/.test(local) ? `${local}@${domain}` : undefined;
}

/** Pure: the mail of a submission, the same for the same input. undefined where the address cannot be written on the wire. */
export function composeMail(submission: Submission, language: string, token: string, now: number, setting: MailSetting): Mail | undefined {
  const to = wireMailbox(submission.address);
  const from = wireMailbox(submission.mailFrom === '' ? setting.defaultSender : submission.mailFrom);
  if (to === undefined || from === undefined) return undefined;
  const { subject, body: text } = submission.rendered;
  const id = submission.deliveryId;
  const url = `${setting.publicUrl}/u/${token}`;
  const messageId = `${id}@${setting.messageIdDomain}`;
  // "=_" never occurs in quoted-printable text, so no body can contain the boundary.
  const boundary = `=_${createHash('sha256').update(id).digest('hex').slice(0, 24)}`;
  const footer = footerFor(submission.tenantName, language);
  const headers = [
    mailboxHeader('From', submission.tenantName, from),
    plainHeader('To', to),
    textHeader('Subject', subject),
    plainHeader('Date', mailDate(now)),
    plainHeader('Message-ID', `<${messageId}>`),
    plainHeader('X-Tocsin-Delivery', `${id}#${submission.n}`),
    ...(submission.expiresAt > 0 ? [plainHeader('Expires', mailDate(submission.expiresAt))] : []),
    plainHeader('Auto-Submitted', 'auto-generated'),
    `List-Unsubscribe: <${printable(url)}>,\r\n <mailto:${printable(setting.unsubscribeMailbox)}?subject=${printable(token)}>`,
    plainHeader('List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'),
    plainHeader('Content-Language', /^[A-Za-z0-9-]{2,35}$/.test(language) ? language : 'fr'),
    plainHeader('MIME-Version', '1.0'),
    `Content-Type: multipart/alternative;\r\n boundary="${boundary}"`,
  ];
  const plain = `${text}\n\n--\u0020\n${footer}\n${url}\n`;
  const html = htmlBody(language, oneLine(subject), text, footer, url);
  const parts = [part(boundary, 'text/plain', plain), part(boundary, 'text/html', html)];
  return { from, to, envelopeId: id, messageId, headers, body: `${parts.join('')}--${boundary}--\r\n` };
}

/** The words under every mail, in the language of its message. */
function footerFor(tenantName: string, language: string): string {
  const tenant = oneLine(tenantName);
  if (language.startsWith('nl')) return `Dit bericht is verstuurd door ${tenant}. Niet meer ontvangen:`;
  if (language.startsWith('de')) return `Diese Nachricht wurde von ${tenant} gesendet. Nicht mehr erhalten:`;
  if (language.startsWith('en')) return `This message was sent by ${tenant}. To receive no more of them:`;
  return `Ce message vous est adressé par ${tenant}. Pour ne plus en recevoir :`;
}

function part(boundary: string, type: string, text: string): string {
  const encoded = qp.wrap(qp.encode(text.replace(/\r\n?|\n/g, '\r\n')));
  return `--${boundary}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${encoded}\r\n`;
}

function mailDate(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000');
}

function printable(text: string): string {
  return text.replace(/[^\x21-\x3b\x3d\x3f-\x7e]/g, '');
}
