import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SmtpBind } from './bind.js';
import type { RelaySetting } from './smtp-connection.js';

const DEADLINE = 20_000;
const MAIL = { from: 'alerte@example.org', to: 'zoe@example.net', envelopeId: 'cmp_1.0.1.email', text: '.first\r\n.\r\n\r\nlast.\r\n' };

const folder = mkdtempSync(join(tmpdir(), 'tocsin-smtp-'));
const at = (name: string): string => join(folder, name);
const ends: (() => void)[] = [];

/** A throw-away authority and a certificate for "localhost" that it signed. */
beforeAll(() => {
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...fresh, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=tocsin-test-ca');
  openssl('req', ...fresh, '-keyout', 'relay.key', '-out', 'relay.csr', '-subj', '/CN=relay', '-addext', 'subjectAltName=DNS:localhost');
  const sign = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-copy_extensions', 'copy'];
  openssl('x509', '-req', '-in', 'relay.csr', '-out', 'relay.pem', ...sign);
});

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function setting(port: number, rest: Partial<RelaySetting> = {}): RelaySetting {
  return {
    host: '127.0.0.1',
    port,
    heloName: 'tocsin.invalid',
    security: 'none',
    serverName: 'localhost',
    user: '',
    password: '',
    ...rest,
  };
}

async function bound(relay: RelaySetting): Promise<SmtpBind> {
  const bind = await SmtpBind.open(relay, () => undefined);
  ends.push(() => bind.close());
  return bind;
}

interface Taken {
  readonly content: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

/** npm smtp-server: another implementation, with TLS and logins. */
async function relayWith(options: SMTPServerOptions): Promise<{ port: number; taken: Taken[] }> {
  const taken: Taken[] = [];
  const server = new SMTPServer({
    key: readFileSync(at('relay.key')),
    cert: readFileSync(at('relay.pem')),
    onAuth: (auth, _session, done) =>
      auth.password === 'geheim' ? done(null, { user: auth.username ?? '' }) : done(new Error('no such user')),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        taken.push({ content: Buffer.concat(chunks).toString('latin1'), secure: session.secure, user: session.user as string | undefined });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => server.close());
  return { port: (server.server.address() as AddressInfo).port, taken };
}

/** A relay that answers as told; `heard` has the chunks it received. */
async function scripted(answer: (line: string, socket: Socket) => string | undefined): Promise<{ port: number; heard: string[] }> {
  const heard: string[] = [];
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('220 scripted\r\n');
    socket.on('data', (chunk) => {
      heard.push(chunk.toString('latin1'));
      for (const line of chunk.toString('latin1').split('\r\n').slice(0, -1)) {
        const said = answer(line, socket);
        if (said !== undefined) socket.write(`${said}\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => server.close());
  return { port: (server.address() as AddressInfo).port, heard };
}

describe('a connection to a relay', () => {
  it('does not trust a certificate of an unknown authority', async () => {
    const { port } = await relayWith({ secure: true });
    await expect(bound(setting(port, { security: 'tls' }))).rejects.toThrow('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    const { port: other } = await relayWith({});
    await expect(bound(setting(other, { security: 'starttls' }))).rejects.toThrow('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  describe('whose authority is known', () => {
    beforeAll(() => setDefaultCACertificates([...getCACertificates('default'), readFileSync(at('ca.pem'), 'utf8')]));

    it.each([
      ['TLS from the start', { secure: true }, 'tls'],
      ['STARTTLS and a login', { authMethods: ['PLAIN'] }, 'starttls'],
      ['STARTTLS and the older login', { authMethods: ['LOGIN'] }, 'starttls'],
    ] as const)('sends over %s', async (_label, options, security) => {
      const { port, taken } = await relayWith({ ...options, authMethods: 'authMethods' in options ? [...options.authMethods] : ['PLAIN'] });
      const bind = await bound(setting(port, { security, user: 'tocsin', password: 'geheim' }));
      expect(await bind.send(MAIL, DEADLINE)).toMatchObject({ kind: 'accepted' });
      expect(taken).toEqual([{ content: MAIL.text, secure: true, user: 'tocsin' }]);
    });

    it('refuses a certificate of another name, and a login that fails', async () => {
      const { port } = await relayWith({ secure: true });
      await expect(bound(setting(port, { security: 'tls', serverName: 'elsewhere.invalid' }))).rejects.toThrow(
        'ERR_TLS_CERT_ALTNAME_INVALID',
      );
      await expect(bound(setting(port, { security: 'tls', user: 'tocsin', password: 'wrong' }))).rejects.toMatchObject({ code: 'E535' });
    });
  });

  it('says nothing in the clear where TLS is wanted and not offered', async () => {
    const { port, heard } = await scripted(() => '250 ok');
    const relay = setting(port, { security: 'starttls', user: 'tocsin', password: 'geheim' });
    await expect(bound(relay)).rejects.toMatchObject({ code: 'ENOSTARTTLS' });
    expect(heard).toEqual(['EHLO tocsin.invalid\r\n']);
  });

  it('gives up where something is slipped in before TLS begins', async () => {
    const { port } = await scripted((line) => (line === 'STARTTLS' ? '220 go\r\n250 slipped in' : '250-x\r\n250 STARTTLS'));
    await expect(bound(setting(port, { security: 'starttls' }))).rejects.toThrow('EUNASKED');
  });
});

describe('a mail on the wire', () => {
  it('leaves in two pieces where the relay allows it, each octet as it was', async () => {
    const { port, taken } = await relayWith({ disabledCommands: ['STARTTLS', 'AUTH'] });
    const bind = await bound(setting(port));
    for (const to of ['zoe@example.net', 'lea@example.net'])
      expect(await bind.send({ ...MAIL, to }, DEADLINE)).toMatchObject({ kind: 'accepted' });
    expect(taken.map(({ content }) => content)).toEqual([MAIL.text, MAIL.text]);
  });

  it('waits for each answer where the relay does not', async () => {
    let inContent = false;
    const { port, heard } = await scripted((line) => {
      if (inContent) {
        inContent = line !== '.';
        return inContent ? undefined : '250 taken';
      }
      inContent = line === 'DATA';
      return inContent ? '354 go on' : '250 ok';
    });
    const bind = await bound(setting(port));
    expect(await bind.send(MAIL, DEADLINE)).toEqual({ kind: 'accepted', providerIds: [MAIL.envelopeId], code: '250' });
    expect(heard.slice(1)).toEqual([
      'MAIL FROM:<alerte@example.org>\r\n',
      'RCPT TO:<zoe@example.net>\r\n',
      'DATA\r\n',
      '..first\r\n..\r\n\r\nlast.\r\n.\r\n',
    ]);
  });

  it('gives no content to a relay that asks for it after it refused the recipient, and goes on with the next mail', async () => {
    let refuse = true;
    let inContent = false;
    const { port, heard } = await scripted((line) => {
      if (inContent) {
        inContent = line !== '.';
        return inContent ? undefined : refuse ? '554 nobody to give it to' : '250 taken';
      }
      if (line.startsWith('EHLO')) return '250-scripted\r\n250-DSN\r\n250 PIPELINING';
      if (line.startsWith('RCPT') && refuse) return '550 5.1.1 no such mailbox';
      inContent = line === 'DATA';
      return inContent ? '354 go on' : '250 ok';
    });
    const bind = await bound(setting(port));
    expect(await bind.send(MAIL, DEADLINE)).toEqual({ kind: 'failed', reason: 'ADDRESS_UNKNOWN', code: '550 5.1.1' });
    expect(heard.slice(1)).toEqual([
      'MAIL FROM:<alerte@example.org> RET=HDRS ENVID=cmp_1.0.1.email\r\nRCPT TO:<zoe@example.net>\r\nDATA\r\n',
      '.\r\n',
      'RSET\r\n',
    ]);
    refuse = false;
    expect(await bind.send(MAIL, DEADLINE)).toMatchObject({ kind: 'accepted' });
  });

  it('is throttled by a relay that says goodbye, and its connection is not used again', async () => {
    const { port } = await scripted((line) => (line.startsWith('EHLO') ? '250-x\r\n250 PIPELINING' : '421 4.3.2 closing'));
    const bind = await bound(setting(port));
    expect(await bind.send(MAIL, DEADLINE)).toMatchObject({ kind: 'throttled' });
    expect(bind.live()).toBe(false);
  });
});
