import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import type { Submission } from '@tocsin/channel-kit';
import { composeMail, wireMailbox, type Mail, type MailSetting } from './request.js';

const SETTING: MailSetting = {
  messageIdDomain: 'mails.example.org',
  defaultSender: 'alerte@example.org',
  unsubscribeMailbox: 'stop@example.org',
  publicUrl: 'https://tocsin.example.org',
};
const NOW = Date.UTC(2026, 10, 25, 8, 30, 0);

function submission(change: Partial<Submission> = {}): Submission {
  return {
    deliveryId: 'cmp_01KAXXXXXXXXXXXXXXXXXXXXXX.3.12.email',
    n: 1,
    address: 'zoe@example.net',
    rendered: { subject: 'Crue de la Loire', body: 'Montez à l’étage.\n\nNe prenez pas la voiture.', cost: 1 },
    tenantId: 'ten_1',
    campaignId: 'cmp_1',
    expiresAt: NOW + 3_600_000,
    smsSender: '',
    mailFrom: 'mairie@example.org',
    tenantName: 'Ville d’Orléans',
    purpose: 'alert',
    addressHash: Buffer.alloc(16),
    possibleDuplicate: false,
    share: 0,
    ...change,
  };
}

function compose(change: Partial<Submission> = {}): Mail {
  const mail = composeMail(submission(change), 'fr', 'tok-EN_1', NOW, SETTING);
  if (mail === undefined) throw new Error('not composed');
  return mail;
}

const wire = (mail: Mail): string => `${mail.headers.join('\r\n')}\r\n\r\n${mail.body}`;

describe('the mail of a submission', () => {
  it('says the same words as plain text and as HTML, with what unsubscribing needs', async () => {
    const parsed = await simpleParser(wire(compose()));
    expect(parsed.subject).toBe('Crue de la Loire');
    expect(parsed.from?.text).toBe('"Ville d’Orléans" <mairie@example.org>');
    expect(parsed.messageId).toBe('<cmp_01KAXXXXXXXXXXXXXXXXXXXXXX.3.12.email@mails.example.org>');
    expect(parsed.text).toContain('Montez à l’étage.\n\nNe prenez pas la voiture.');
    expect(parsed.text).toContain('https://tocsin.example.org/u/tok-EN_1');
    expect(parsed.html).toContain('<p>Montez à l’étage.</p>');
    expect(parsed.headers.get('x-tocsin-delivery')).toBe('cmp_01KAXXXXXXXXXXXXXXXXXXXXXX.3.12.email#1');
    expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
    expect(parsed.headers.get('expires')).toEqual(new Date(NOW + 3_600_000).toUTCString().replace('GMT', '+0000'));
    const list = parsed.headers.get('list') as unknown as Record<string, { url?: string; mail?: string; name?: string }>;
    expect(list['unsubscribe']).toMatchObject({ url: 'https://tocsin.example.org/u/tok-EN_1', mail: 'stop@example.org?subject=tok-EN_1' });
    expect(list['unsubscribe-post']).toMatchObject({ name: 'List-Unsubscribe=One-Click' });
  });

  it('is the same for the same input, and ASCII with short lines throughout', () => {
    const text = wire(compose({ rendered: { subject: 'é'.repeat(200), body: `${'ü'.repeat(3000)}\n.\n..\n`, cost: 1 } }));
    expect(text).toBe(wire(compose({ rendered: { subject: 'é'.repeat(200), body: `${'ü'.repeat(3000)}\n.\n..\n`, cost: 1 } })));
    expect(text.replaceAll('\r\n', '')).toMatch(/^[\t -~]*$/);
    expect(Math.max(...text.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
  });

  it.each([
    ['a line break in the subject', { rendered: { subject: 'Crue\r\nBcc: x@example.org', body: 'a', cost: 1 } }],
    ['a lone carriage return', { rendered: { subject: 'Crue\rBcc: x@example.org', body: 'a', cost: 1 } }],
    ['a Unicode line separator', { rendered: { subject: 'Crue\u2028Bcc: x@example.org', body: 'a', cost: 1 } }],
    ['a line break in the name of the tenant', { tenantName: 'Ville\r\nBcc: x@example.org\r\n\r\nbody' }],
    ['a quote in the name of the tenant', { tenantName: 'V" <x@example.org>, "' }],
    ['a null byte', { rendered: { subject: 'Crue\u0000\nBcc: x@example.org', body: 'a', cost: 1 } }],
  ] as const)('%s adds no header and no recipient', async (_label, change) => {
    const mail = compose(change);
    const names = mail.headers.map((line) => line.slice(0, line.indexOf(':')));
    expect(names).toEqual(compose().headers.map((line) => line.slice(0, line.indexOf(':'))));
    const parsed = await simpleParser(wire(mail));
    expect(parsed.bcc).toBeUndefined();
    expect(parsed.from?.value).toHaveLength(1);
    expect(parsed.from?.value[0]?.address).toBe('mairie@example.org');
  });

  it('shows what a register holds as text, never as HTML', async () => {
    const parsed = await simpleParser(wire(compose({ rendered: { subject: '<b>', body: '<script>alert("x")</script> & co', cost: 1 } })));
    expect(parsed.html).not.toContain('<script>');
    expect(parsed.html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; co');
  });

  it('a body cannot end the mail’s parts early', async () => {
    const first = compose();
    const boundary = /boundary="([^"]+)"/.exec(first.headers.join('\n'))?.[1] ?? '';
    const parsed = await simpleParser(wire(compose({ rendered: { subject: 'a', body: `--${boundary}--\nla suite`, cost: 1 } })));
    expect(parsed.text).toContain('la suite');
  });

  it.each([
    ['an ordinary mailbox', 'zoe.martin+ville@example.org', 'zoe.martin+ville@example.org'],
    ['a domain with accents', 'zoe@mairie-orléans.fr', 'zoe@xn--mairie-orlans-khb.fr'],
    ['a local part SMTP cannot carry', 'zoé@example.org', undefined],
    ['a line break', 'zoe\r\n@example.org', undefined],
    ['an angle bracket', 'a>b@example.org', undefined],
    ['no domain', 'zoe@', undefined],
    ['a space', 'zoe martin@example.org', undefined],
  ])('%s', (_label, mailbox, expected) => {
    expect(wireMailbox(mailbox)).toBe(expected);
  });
});
