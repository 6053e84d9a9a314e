import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Submission, SubmitAnswer } from '@tocsin/channel-kit';
import { createLogger } from '@tocsin/observability';
import { loadSealer, type Sealer } from '@tocsin/sealing';
import { waitUntil } from '@tocsin/testing';
import { loadDkim } from './dkim.js';
import { SmtpDriver } from './smtp-driver.js';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-email-'));
/** Time given to one submission, ms; generous on a busy machine. */
const DEADLINE = 20_000;

export interface TestDriver {
  readonly driver: SmtpDriver;
  readonly sealer: Sealer;
  readonly publicKey: KeyObject;
  send(change?: Partial<Submission>): Promise<SubmitAnswer>;
  stop(): Promise<void>;
}

/** A driver as the channel makes it, with a DKIM key of its own, bound to a relay on this machine. */
export async function boundDriver(port: number, connectionsPerShare = 2): Promise<TestDriver> {
  const keyFile = join(folder, `${randomBytes(4).toString('hex')}.key`);
  writeFileSync(keyFile, randomBytes(32).toString('hex'), { mode: 0o600 });
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(`${keyFile}.pem`, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const sealer = loadSealer(keyFile);
  const driver = new SmtpDriver(
    {
      routeId: 'smtp-1',
      provider: 'smtp',
      ratePerSecond: 150,
      connectionsPerShare,
      language: 'fr',
      relay: { host: '127.0.0.1', port, heloName: 'tocsin.invalid', security: 'none', serverName: 'localhost', user: '', password: '' },
      mail: {
        messageIdDomain: 'example.org',
        defaultSender: 'alerte@example.org',
        unsubscribeMailbox: 'stop@example.org',
        publicUrl: 'https://tocsin.example.org',
      },
    },
    {
      channel: 'email',
      sealer,
      dkim: loadDkim({ keyFile: `${keyFile}.pem`, domain: 'example.org', selector: 's1', mode: 'production' }),
      logger: createLogger({ service: 'channel-email', instanceId: 'test', level: 'error' }),
      now: () => Date.now(),
    },
  );
  await driver.start();
  await driver.setShares([0, 1]);
  await waitUntil('the driver is bound', () => driver.bound(), DEADLINE);
  return {
    driver,
    sealer,
    publicKey,
    send: (change = {}) => driver.submit(submission(change), DEADLINE),
    stop: () => driver.stop(5_000),
  };
}

let sequence = 0;

export function submission(change: Partial<Submission> = {}): Submission {
  sequence += 1;
  return {
    deliveryId: `cmp_01KAXXXXXXXXXXXXXXXXXXXXXX.0.${sequence}.email`,
    n: 1,
    address: `person-${sequence}@example.net`,
    rendered: { subject: 'Crue de la Loire : évacuation', body: 'Montez à l’étage.\n.\nNe prenez pas la voiture.', cost: 1 },
    tenantId: 'ten_1',
    campaignId: 'cmp_01KAXXXXXXXXXXXXXXXXXXXXXX',
    expiresAt: Date.now() + 3_600_000,
    smsSender: '',
    mailFrom: 'mairie@example.org',
    tenantName: 'Ville d’Orléans',
    purpose: 'alert',
    addressHash: Buffer.alloc(16, 7),
    possibleDuplicate: false,
    share: 0,
    ...change,
  };
}
