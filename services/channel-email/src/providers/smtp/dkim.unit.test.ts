import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authenticate } from 'mailauth';
import { describe, expect, it } from 'vitest';
import { loadDkim } from './dkim.js';
import type { Mail } from './request.js';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-dkim-'));
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keyFile = join(folder, 'dkim.pem');
writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
const record = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;

const mail: Mail = {
  from: 'mairie@example.org',
  to: 'zoe@example.net',
  envelopeId: 'x',
  messageId: 'x@example.org',
  headers: [
    'From: mairie@example.org',
    'To: zoe@example.net',
    'Subject: =?UTF-8?Q?Crue=20de=20la=20Loire?=',
    'Message-ID: <x@example.org>',
    'List-Unsubscribe: <https://example.org/u/a>,\r\n <mailto:stop@example.org?subject=a>',
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  ],
  body: 'two  spaces and a tab\t.\r\n.\r\n..\r\ntrailing \r\n\r\n\r\n',
};

async function verdict(raw: string): Promise<string> {
  const checked = await authenticate(raw, {
    ip: '127.0.0.1',
    helo: 'localhost',
    sender: mail.from,
    disableArc: true,
    disableDmarc: true,
    disableBimi: true,
    resolver: async (name: string, type: string) => {
      if (type === 'TXT' && name === 's1._domainkey.example.org') return [[record]];
      throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    },
  });
  return checked.dkim.results[0]?.status.result ?? 'none';
}

describe('DKIM', () => {
  const signer = loadDkim({ keyFile, domain: 'example.org', selector: 's1', mode: 'production' });
  const signature = signer.sign(mail);
  const raw = (body: string, headers = mail.headers): string => `${[signature, ...headers].join('\r\n')}\r\n\r\n${body}`;

  it('a verifier nobody here wrote accepts the signature', async () => {
    expect(await verdict(raw(mail.body))).toBe('pass');
  });

  it('covers both headers that one-click unsubscribing needs', () => {
    const signed = /(?:^|[; ])h=([^;]+);/.exec(signature.replace(/\r\n\s+/g, ' '))?.[1]?.split(':');
    expect(signed).toEqual(expect.arrayContaining(['list-unsubscribe', 'list-unsubscribe-post', 'from', 'subject']));
  });

  it.each([
    ['a changed body', raw(mail.body.replace('two', 'ten'))],
    [
      'a changed unsubscribe header',
      raw(
        mail.body,
        mail.headers.map((line) => line.replace('/u/a', '/u/b')),
      ),
    ],
  ])('%s breaks it', async (_label, changed) => {
    expect(await verdict(changed)).not.toBe('pass');
  });

  it('a key too short for receivers is refused in production and taken in development', () => {
    const weak = join(folder, 'weak.pem');
    writeFileSync(weak, generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const setting = { keyFile: weak, domain: 'example.org', selector: 's1' };
    expect(() => loadDkim({ ...setting, mode: 'production' })).toThrow(/2048/);
    expect(loadDkim({ ...setting, mode: 'development' }).sign(mail)).toContain('DKIM-Signature');
  });

  it('a missing key file is one clear sentence', () => {
    expect(() => loadDkim({ keyFile: join(folder, 'none.pem'), domain: 'a', selector: 'b', mode: 'development' })).toThrow(/DKIM key file/);
  });
});
