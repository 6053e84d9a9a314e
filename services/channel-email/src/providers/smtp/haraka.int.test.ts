import { authenticate } from 'mailauth';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundDriver, type TestDriver } from './driver.peer.test.js';
import { startHaraka, type Haraka } from './haraka.peer.test.js';

let haraka: Haraka;
let relay: TestDriver;

beforeAll(async () => {
  haraka = await startHaraka('example.net');
  relay = await boundDriver(haraka.port);
});

afterAll(async () => {
  await relay.stop();
  await haraka.stop();
});

describe('a real MTA (Haraka)', () => {
  it('takes a mail whose DKIM signature holds as received, with its words whole', async () => {
    const answer = await relay.send({ address: 'zoe@example.net' });
    expect(answer).toMatchObject({ kind: 'accepted', code: expect.stringMatching(/^250/) as string });
    const raw = haraka.mails()[0] ?? '';
    const parsed = await simpleParser(raw);
    expect(parsed.subject).toBe('Crue de la Loire : évacuation');
    expect(parsed.text).toContain('Montez à l’étage.\n.\nNe prenez pas la voiture.');
    expect(parsed.headers.get('x-tocsin-delivery')).toMatch(/^cmp_.*\.email#1$/);
    const record = `v=DKIM1; k=rsa; p=${relay.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
    const checked = await authenticate(Buffer.from(raw, 'latin1'), {
      ip: '127.0.0.1',
      helo: 'tocsin.invalid',
      sender: 'mairie@example.org',
      disableArc: true,
      disableDmarc: true,
      disableBimi: true,
      resolver: (name: string, type: string) =>
        type === 'TXT' && name === 's1._domainkey.example.org'
          ? Promise.resolve([[record]])
          : Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })),
    });
    expect(checked.dkim.results[0]?.status.result).toBe('pass');
  });

  it('its unsubscribe link carries a token that only this platform can have written', async () => {
    await relay.send({ address: 'lea@example.net' });
    const raw = haraka.mails().at(-1) ?? '';
    const token = /https:\/\/tocsin\.example\.org\/u\/([A-Za-z0-9_-]+)>/.exec(raw)?.[1] ?? '';
    expect(relay.sealer.readUnsubscribeToken(token)).toMatchObject({ tenantId: 'ten_1', channel: 'email', purpose: 'alert' });
  });

  it('refuses a domain it does not serve: the address is unknown, and the next mail goes on the same connection', async () => {
    expect(await relay.send({ address: 'zoe@elsewhere.invalid' })).toEqual({ kind: 'failed', reason: 'ADDRESS_UNKNOWN', code: '550' });
    expect(await relay.send({ address: 'zoe@example.net' })).toMatchObject({ kind: 'accepted' });
  });

  it('takes many mails side by side, each once', async () => {
    const before = haraka.mails().length;
    const answers = await Promise.all(Array.from({ length: 4 }, () => relay.send()));
    expect(answers.map((answer) => answer.kind)).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
    expect(haraka.mails().length - before).toBe(4);
  });
});
