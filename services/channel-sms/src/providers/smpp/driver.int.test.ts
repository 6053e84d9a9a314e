import { mkdtempSync, readFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProviderReceipt, ProviderReply, Submission } from '@tocsin/channel-kit';
import type { Logger } from '@tocsin/observability';
import { systemClock } from '@tocsin/service-kit';
import { SmppDriver, type SmppOptions } from './driver.js';
import { StandInSmsc } from './stand-in/smsc.js';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const OPTIONS = {
  routeId: 'r',
  provider: 'smpp',
  host: '127.0.0.1',
  tls: false,
  systemId: 'tocsin',
  password: 'x',
  ratePerSecond: 500,
  window: 20,
};

interface Rig {
  readonly smsc: StandInSmsc;
  readonly driver: SmppDriver;
  readonly ledger: string;
  readonly receipts: ProviderReceipt[];
  readonly replies: ProviderReply[];
  readonly port: number;
}

/** ms an answer may take there. */
const ANSWERS = 30_000;
/** Highest sequence number of SMPP 3.4 (3.2). */
const LAST_SEQUENCE = 0x7fffffff;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function rig(rest: Partial<SmppOptions> = {}, shares: readonly number[] = [0, 1], refuseFirst = 0): Promise<Rig> {
  const ledger = join(mkdtempSync(join(tmpdir(), 'tocsin-smsc-')), 'ledger.jsonl');
  const smsc = new StandInSmsc(ledger, 10_000);
  Object.assign(smsc.knobs, { receiptMinMs: 10, receiptMaxMs: 100 });
  const port = await smsc.listen(0);
  const receipts: ProviderReceipt[] = [];
  const replies: ProviderReply[] = [];
  const options = {
    ...OPTIONS,
    port,
    binds: undefined,
    submitIds: 'text',
    receiptIds: 'text',
    deliveryIdTlv: true,
    defaultSender: 'TOCSIN',
    ...rest,
  } as const;
  const driver = new SmppDriver(options, silent, systemClock);
  let refusals = refuseFirst;
  await driver.start({
    receipt: (receipt) => {
      if (refusals-- > 0) return Promise.reject(new Error('Kafka is away'));
      receipts.push(receipt);
      return Promise.resolve();
    },
    reply: (reply) => {
      replies.push(reply);
      return Promise.resolve();
    },
  });
  await driver.setShares(shares);
  ends.push(async () => {
    await driver.stop(500);
    smsc.stop();
  });
  await until(() => smsc.binds === shares.length && driver.bound() === shares.length > 0);
  return { smsc, driver, ledger, receipts, replies, port };
}

function submission(index: number, body = 'Alerte crue', share = 0): Submission {
  return {
    deliveryId: `cmp_01JD0000000000000000000000.0.${index}.sms`,
    n: 1,
    address: '+33639980001',
    rendered: { subject: '', body, cost: 1 },
    tenantId: 't',
    campaignId: 'c',
    expiresAt: Date.now() + 60_000,
    smsSender: '',
    mailFrom: '',
    tenantName: '',
    purpose: 'alert',
    addressHash: Buffer.alloc(16),
    possibleDuplicate: false,
    share,
  };
}

const lines = (ledger: string): Record<string, unknown>[] =>
  readFileSync(ledger, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** ms a condition may take on a machine that does much else. */
async function until(condition: () => boolean, ms = 60_000): Promise<void> {
  const end = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > end) throw new Error('not in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('SMPP driver against the stand-in', () => {
  it('submits, is in the synced ledger before the answer, and gets its receipt', async () => {
    const { driver, ledger, receipts } = await rig();
    const answer = await driver.submit(submission(1), ANSWERS);
    expect(answer.kind).toBe('accepted');
    expect(lines(ledger)).toMatchObject([{ deliveryId: submission(1).deliveryId, part: 1, parts: 1, to: '+33639980001', channel: 'sms' }]);
    await until(() => receipts.length === 1);
    expect(receipts[0]).toMatchObject({ providerId: answer.kind === 'accepted' ? answer.providerIds[0] : '', state: 'delivered' });
  });

  it.each([
    ['decimal receipts for hex answers', 'decimal', 'hex', 'decimal'],
    ['lower case', 'lower', 'text', 'text'],
    ['padded with zeros', 'zeros', 'text', 'text'],
    ['TLVs beside the text', 'tlv', 'hex', 'decimal'],
  ] as const)('matches ids: %s', async (_label, written, submitIds, receiptIds) => {
    const { driver, smsc, receipts } = await rig({ submitIds, receiptIds });
    smsc.knobs.receiptIds = written;
    const answer = await driver.submit(submission(1), ANSWERS);
    await until(() => receipts.length === 1);
    expect([receipts[0]?.providerId]).toEqual(answer.kind === 'accepted' ? answer.providerIds : []);
  });

  it('sends a long message in parts and reads one receipt, of the last', async () => {
    const { driver, ledger, receipts } = await rig();
    const answer = await driver.submit(submission(2, 'é'.repeat(400)), 2_000);
    expect(answer).toMatchObject({ kind: 'accepted', providerIds: [expect.any(String), expect.any(String), expect.any(String)] });
    expect(lines(ledger).map((line) => [line['part'], line['parts']])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    await until(() => receipts.length === 1);
    expect(receipts[0]?.providerId).toBe(answer.kind === 'accepted' ? answer.providerIds[2] : '');
  });

  it.each([
    ['refused number', { failRate: 1 }, { kind: 'failed', reason: 'ADDRESS_UNKNOWN' }],
    ['queue full', { queueFullRate: 1 }, { kind: 'throttled', code: 'ESME_RMSGQFUL' }],
    ['a status nobody knows', { nonsenseRate: 1 }, { kind: 'failed', reason: 'UNKNOWN_ANSWER', code: '0x000004ff' }],
    ['over the rate', { rate: 0.0001 }, { kind: 'throttled', code: 'ESME_RTHROTTLED' }],
    ['no answer in time', { mute: true }, { kind: 'in-doubt', code: 'NO_ANSWER' }],
  ])('reads %s', async (_label, knobs, expected) => {
    const { driver, smsc } = await rig();
    if ('rate' in knobs) await driver.submit(submission(0), ANSWERS);
    Object.assign(smsc.knobs, knobs);
    expect(await driver.submit(submission(1), 'mute' in knobs ? 300 : ANSWERS)).toMatchObject(expected);
  });

  it('sends only the missing parts again after throttling in the middle', async () => {
    const { driver, smsc, ledger } = await rig();
    smsc.knobs.rate = 2 / 1.05;
    const long = submission(3, 'é'.repeat(400));
    expect(await driver.submit(long, ANSWERS)).toMatchObject({ kind: 'throttled', partly: true });
    smsc.knobs.rate = 1_000;
    expect(await driver.submit(long, ANSWERS)).toMatchObject({
      kind: 'accepted',
      providerIds: [expect.any(String), expect.any(String), expect.any(String)],
    });
    expect(lines(ledger).map((line) => line['part'])).toEqual([1, 2, 3]);
  });

  it('sends only the missing parts again when the next attempt follows a refusal that passes', async () => {
    const { driver, smsc, ledger } = await rig();
    smsc.knobs.busyPart = 2;
    const long = submission(4, 'é'.repeat(400));
    expect(await driver.submit(long, ANSWERS)).toMatchObject({ kind: 'failed', reason: 'PROVIDER_BUSY' });
    smsc.knobs.busyPart = 0;
    expect(await driver.submit({ ...long, n: 2 }, ANSWERS)).toMatchObject({
      kind: 'accepted',
      providerIds: [expect.any(String), expect.any(String), expect.any(String)],
    });
    expect(lines(ledger).map((line) => line['part'])).toEqual([1, 3, 2]);
  });

  it('answers in doubt when the connection goes in mid-window, refuses while down, and binds again', async () => {
    const { driver, smsc } = await rig();
    smsc.knobs.mute = true;
    const inFlight = [1, 2, 3].map((index) => driver.submit(submission(index), ANSWERS));
    await until(() => smsc.counts.accepted === 3);
    Object.assign(smsc.knobs, { down: true, mute: false });
    smsc.hangUp();
    expect((await Promise.all(inFlight)).map((answer) => answer.kind)).toEqual(['in-doubt', 'in-doubt', 'in-doubt']);
    expect(await driver.submit(submission(4), 500)).toEqual({ kind: 'not-submitted', code: 'NOT_BOUND' });
    smsc.knobs.down = false;
    await until(() => driver.bound());
    expect((await driver.submit(submission(4), ANSWERS)).kind).toBe('accepted');
  });

  it('takes the answers of what is in the window when the operator unbinds, submits nothing more there, and binds again', async () => {
    const { driver, smsc } = await rig();
    smsc.knobs.slowMs = 50;
    const inFlight = [1, 2, 3].map((index) => driver.submit(submission(index), ANSWERS));
    // On the wire before the unbind is.
    await new Promise((resolve) => setImmediate(resolve));
    smsc.unbindAll();
    await until(() => !driver.bound());
    expect(await driver.submit(submission(4), ANSWERS)).toEqual({ kind: 'not-submitted', code: 'NOT_BOUND' });
    expect((await Promise.all(inFlight)).map((answer) => answer.kind)).toEqual(['accepted', 'accepted', 'accepted']);
    await until(() => driver.bound());
    expect((await driver.submit(submission(4), ANSWERS)).kind).toBe('accepted');
  });

  it('goes on over the end of sequence numbers', async () => {
    // The bind takes the first of them.
    const { driver, ledger, smsc } = await rig({ lastSequence: LAST_SEQUENCE - 3 }, [0]);
    const answers = await Promise.all([1, 2, 3, 4, 5].map((index) => driver.submit(submission(index), ANSWERS)));
    expect(answers.map((answer) => answer.kind)).toEqual(Array.from({ length: 5 }, () => 'accepted'));
    expect(new Set(lines(ledger).map((line) => line['deliveryId'])).size).toBe(5);
    expect(smsc.lastSequence).toBe(3);
  });

  it('reads STOP, ARRÊT and START whatever their alphabet', async () => {
    const { smsc, replies } = await rig();
    smsc.inbound('+33639980002', '38200', 'STOP');
    smsc.inbound('+33639980003', '38200', 'Arrêt');
    smsc.inbound('+33639980004', '38200', 'start');
    await until(() => replies.length === 3);
    expect(
      replies.map((reply) => [reply.from, reply.writtenTo, reply.kind]).toSorted((a, b) => String(a).localeCompare(String(b))),
    ).toEqual([
      ['+33639980002', '38200', 'stop'],
      ['+33639980003', '38200', 'stop'],
      ['+33639980004', '38200', 'start'],
    ]);
  });

  it('is sent a receipt again that it could not record', async () => {
    const { driver, receipts, smsc } = await rig({}, [0], 1);
    await driver.submit(submission(1), ANSWERS);
    await until(() => receipts.length === 1);
    expect(smsc.counts.receipts).toBe(2);
  });

  it('opens and closes binds with its shares, at most as many as the operator allows', async () => {
    const { driver, smsc } = await rig({ binds: 2 }, [0, 1]);
    await driver.setShares([1, 2, 3]);
    await until(() => smsc.binds === 1);
    expect((await driver.submit(submission(1, 'x', 3), ANSWERS)).kind).toBe('accepted');
  });

  it('opens no more binds than one instance may, and sends every share over them', async () => {
    const { driver, smsc } = await rig({ bindsPerInstance: 2 }, [0, 1]);
    await driver.setShares([0, 1, 2, 3]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(smsc.binds).toBe(2);
    expect((await driver.submit(submission(1, 'x', 3), ANSWERS)).kind).toBe('accepted');
    await driver.setShares([2, 3]);
    await until(() => smsc.binds === 2 && driver.bound());
    expect((await driver.submit(submission(2, 'x', 2), ANSWERS)).kind).toBe('accepted');
  });
});

describe('SMPP driver on a damaged line', () => {
  /** A proxy that can cut bytes into single pieces, or put garbage between. */
  async function proxied(damage: (chunk: Buffer, to: Socket) => void): Promise<{ driver: SmppDriver; smsc: StandInSmsc }> {
    const { smsc, port } = await rig({}, []);
    const proxy: Server = createServer((client) => {
      const server = connect(port, '127.0.0.1');
      client.pipe(server);
      server.on('data', (chunk) => damage(chunk, client));
      for (const [one, other] of [
        [client, server],
        [server, client],
      ] as const) {
        one.on('close', () => other.destroy());
        one.on('error', () => other.destroy());
      }
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    const options = {
      ...OPTIONS,
      port: typeof address === 'object' && address ? address.port : 0,
      binds: undefined,
      submitIds: 'text',
      receiptIds: 'text',
    } as const;
    const driver = new SmppDriver({ ...options, deliveryIdTlv: true, defaultSender: 'T' }, silent, systemClock);
    await driver.setShares([0]);
    ends.unshift(async () => {
      await driver.stop(200);
      proxy.close();
    });
    await until(() => driver.bound());
    return { driver, smsc };
  }

  it('reads answers that arrive byte by byte', async () => {
    const { driver } = await proxied((chunk, to) => {
      for (const byte of chunk) to.write(Buffer.from([byte]));
    });
    expect((await driver.submit(submission(1), ANSWERS)).kind).toBe('accepted');
  });

  it('gives a connection with a wrong command_length up and binds again', async () => {
    let damaged = false;
    const { driver } = await proxied((chunk, to) => {
      if (damaged || chunk.readUInt32BE(4) !== 0x80000004) return void to.write(chunk);
      damaged = true;
      to.write(Buffer.concat([Buffer.from([0x7f, 0xff, 0xff, 0xff]), chunk.subarray(4)]));
    });
    expect((await driver.submit(submission(1), ANSWERS)).kind).toBe('in-doubt');
    await until(() => driver.bound());
    expect((await driver.submit(submission(1), ANSWERS)).kind).toBe('accepted');
  });

  it('tells a filtering SMSC what it sends again: the first ids come back, and nothing is taken twice', async () => {
    const { driver, smsc, ledger, receipts } = await rig({ idempotency: 'key' });
    smsc.knobs.deduplicates = true;
    smsc.knobs.mute = true;
    const long = 'Crue de la Loire. '.repeat(20);
    const silence = await Promise.all([driver.submit(submission(1), 500), driver.submit(submission(2, long, 1), 500)]);
    expect(silence.map(({ kind }) => kind)).toEqual(['in-doubt', 'in-doubt']);
    smsc.knobs.mute = false;
    const again = await Promise.all([driver.submit(submission(1), ANSWERS), driver.submit(submission(2, long, 1), ANSWERS)]);
    const written = lines(ledger);
    expect(written.map(({ deliveryId, part }) => `${String(deliveryId)}/${String(part)}`).sort()).toEqual(
      ['1/1', '2/1', '2/2', '2/3'].map((place) => `cmp_01JD0000000000000000000000.0.${place.replace('/', '.sms/')}`),
    );
    const ids = again.flatMap((answer) => (answer.kind === 'accepted' ? answer.providerIds : []));
    expect(ids.toSorted()).toEqual(written.map(({ providerId }) => String(providerId)).toSorted());
    expect(smsc.counts.deduplicated).toBe(4);
    await until(() => receipts.length >= 2);
  });

  it('forgets nothing of it over a restart of the SMSC', async () => {
    const first = await rig({ idempotency: 'key' });
    first.smsc.knobs.deduplicates = true;
    const before = await first.driver.submit(submission(1), ANSWERS);
    const again = new StandInSmsc(first.ledger, 1_000);
    again.knobs.deduplicates = true;
    const options = {
      ...OPTIONS,
      binds: undefined,
      submitIds: 'text',
      receiptIds: 'text',
      deliveryIdTlv: true,
      defaultSender: 'TOCSIN',
    } as const;
    const driver = new SmppDriver({ ...options, port: await again.listen(0) }, silent, systemClock);
    ends.push(async () => {
      await driver.stop(500);
      again.stop();
    });
    await driver.setShares([0]);
    await until(() => driver.bound());
    expect(await driver.submit(submission(1), ANSWERS)).toEqual(before);
    expect(lines(first.ledger)).toHaveLength(1);
  });

  it('gets receipts that were kept back all together, each three times and in no order, and asks for those again it could not record', async () => {
    const { driver, smsc, receipts } = await rig({}, [0, 1], 5);
    smsc.knobs.holdReceipts = true;
    const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => driver.submit(submission(at), ANSWERS)));
    const ids = answers.flatMap((answer) => (answer.kind === 'accepted' ? answer.providerIds : []));
    await until(() => smsc.storm.counts.held === 40);
    expect(receipts).toEqual([]);
    smsc.storm.release(1_000, 3);
    await until(() => smsc.storm.counts.stormTaken === 120);
    const came = receipts.map(({ providerId }) => providerId);
    expect(came.toSorted()).toEqual(ids.flatMap((id) => [id, id, id]).toSorted());
    expect(came.slice(0, 40)).not.toEqual(ids);
  });
});
