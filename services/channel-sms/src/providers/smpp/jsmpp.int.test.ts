import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProviderReceipt, Submission } from '@tocsin/channel-kit';
import type { Logger } from '@tocsin/observability';
import { systemClock } from '@tocsin/service-kit';
import { waitUntil } from '@tocsin/testing';
import { SmppDriver, type SmppOptions } from './driver.js';
import { startJsmpp, type Jsmpp } from './jsmpp.peer.test.js';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

function options(smsc: Jsmpp, password: string = smsc.login.password): SmppOptions {
  return {
    routeId: 'jsmpp',
    provider: 'smpp',
    host: '127.0.0.1',
    port: smsc.port,
    tls: false,
    systemId: smsc.login.systemId,
    password,
    ratePerSecond: 100,
    window: 20,
    binds: undefined,
    submitIds: 'hex',
    receiptIds: 'decimal',
    deliveryIdTlv: true,
    defaultSender: '38200',
  };
}

function submission(index: number, body: string): Submission {
  return {
    deliveryId: `cmp_01JD0000000000000000000000.0.${index}.sms`,
    n: 1,
    address: '+33639980001',
    rendered: { subject: '', body, cost: 1 },
    tenantId: 't',
    campaignId: 'c',
    expiresAt: Date.now() + 3_600_000,
    smsSender: '',
    mailFrom: '',
    tenantName: '',
    purpose: 'alert',
    addressHash: Buffer.alloc(16),
    possibleDuplicate: false,
    share: index % 2,
  };
}

describe('SMPP driver against jsmpp, an SMSC no one here wrote', () => {
  let smsc: Jsmpp;
  let driver: SmppDriver;
  const receipts: ProviderReceipt[] = [];
  beforeAll(async () => {
    smsc = await startJsmpp();
    driver = new SmppDriver(options(smsc), silent, systemClock);
    await driver.start({
      receipt: (receipt) => {
        receipts.push(receipt);
        return Promise.resolve();
      },
      reply: () => Promise.resolve(),
    });
    await driver.setShares([0, 1]);
    await waitUntil('bound', () => driver.bound(), 10_000);
  }, 240_000);
  afterAll(async () => {
    await driver.stop(1_000);
    smsc.stop();
  });

  it.each([
    ['a short one', 'Alerte crue : montez à l’etage'.replace('’', "'"), 1],
    ['an accent outside GSM-7', 'Alerte tempête, restez à l’abri', 1],
    ['escapes of the alphabet', 'Coût {10 €} [ok] ~|^\\', 1],
    ['a long one in GSM-7', 'é'.repeat(400), 3],
    ['a long one in UCS-2', 'ê'.repeat(150), 3],
  ])(
    'sends %s and matches the receipt, whose id is decimal for a hex answer',
    async (label, body, parts) => {
      const answer = await driver.submit(submission(label.length, body), 10_000);
      expect(answer).toMatchObject({ kind: 'accepted' });
      const ids = answer.kind === 'accepted' ? answer.providerIds : [];
      expect(ids).toHaveLength(parts);
      await waitUntil('the receipt of the last part', () => receipts.some((receipt) => receipt.providerId === ids.at(-1)), 20_000);
      expect(receipts.find((receipt) => receipt.providerId === ids.at(-1))?.state).toBe('delivered');
    },
    40_000,
  );

  it('keeps 200 in flight apart', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => driver.submit(submission(index, `Exercice ${index}`), 10_000)),
    );
    const ids = answers.flatMap((answer) => (answer.kind === 'accepted' ? answer.providerIds : []));
    expect(new Set(ids).size).toBe(200);
  }, 40_000);

  it('is not bound with a wrong password', async () => {
    const stranger = new SmppDriver(options(smsc, 'wrong'), silent, systemClock);
    await stranger.setShares([0]);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(stranger.bound()).toBe(false);
    expect((await stranger.submit(submission(0, 'x'), 500)).kind).toBe('not-submitted');
    await stranger.stop(200);
  }, 20_000);
});
