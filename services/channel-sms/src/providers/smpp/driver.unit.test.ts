import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Submission, SubmitAnswer } from '@tocsin/channel-kit';
import type { Logger } from '@tocsin/observability';
import { systemClock } from '@tocsin/service-kit';
import { SmppDriver } from './driver.js';
import { pduOf } from './wire.js';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const ANSWERS = 20_000;
const WINDOW = 2;
const BOUND = pduOf(0x8000_0009, 0, 1, Buffer.from('smsc\0'));

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Smsc {
  readonly driver: SmppDriver;
  /** Numbers of submit_sm by connection, in the order of their binds. */
  readonly submitted: number[];
  readonly sockets: Socket[];
  /** Binds that stood at once, at most. */
  readonly most: () => number;
}

/** A driver bound to an SMSC that answers submit_sm as told: the answer, or undefined for none. */
async function bound(shares: readonly number[], answer: (sequence: number, connection: number) => Buffer | undefined): Promise<Smsc> {
  const submitted: number[] = [];
  const sockets: Socket[] = [];
  const binds = new Set<Socket>();
  let most = 0;
  const server: Server = createServer((socket) => {
    const connection = sockets.push(socket) - 1;
    submitted[connection] = 0;
    socket.on('close', () => binds.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (octets) => {
      for (let at = 0; at < octets.length; at += octets.readUInt32BE(at)) {
        const [command, sequence] = [octets.readUInt32BE(at + 4), octets.readUInt32BE(at + 12)];
        if (command === 0x06) binds.delete(socket);
        if (command === 0x09) {
          most = Math.max(most, binds.add(socket).size);
          socket.write(BOUND);
        }
        if (command === 0x04) {
          submitted[connection] = (submitted[connection] ?? 0) + 1;
          const said = answer(sequence, connection);
          if (said) socket.write(said);
        } else if (command !== 0x09 && command < 0x8000_0000) socket.write(pduOf(command + 0x8000_0000, 0, sequence));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const driver = new SmppDriver(
    {
      routeId: 'r',
      provider: 'smpp',
      host: '127.0.0.1',
      port,
      tls: false,
      systemId: 'tocsin',
      password: '',
      ratePerSecond: 500,
      window: WINDOW,
      binds: undefined,
      bindsPerInstance: 2,
      submitIds: 'text',
      receiptIds: 'text',
      deliveryIdTlv: false,
      defaultSender: 'TOCSIN',
    },
    silent,
    systemClock,
  );
  await driver.setShares(shares);
  ends.push(async () => {
    for (const socket of sockets) socket.destroy();
    await driver.stop(50);
    server.close();
  });
  await until(() => sockets.length === Math.min(2, shares.length) && driver.bound());
  return { driver, submitted, sockets, most: () => most };
}

function send({ driver }: Smsc, share: number, body = 'Alerte crue'): Promise<SubmitAnswer> {
  const submission: Pick<Submission, 'deliveryId' | 'address' | 'rendered' | 'smsSender' | 'expiresAt' | 'share'> = {
    deliveryId: 'cmp_1.0.1.sms',
    address: '+33639980001',
    rendered: { subject: '', body, cost: 1 },
    smsSender: '',
    expiresAt: 0,
    share,
  };
  return driver.submit(submission as Submission, ANSWERS);
}

async function until(condition: () => boolean): Promise<void> {
  const late = performance.now() + ANSWERS;
  while (!condition()) {
    if (performance.now() > late) throw new Error('not in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('SMPP driver against an SMSC with ways of its own', () => {
  it('binds anew where it is told that it is not bound', async () => {
    const smsc = await bound([0], (sequence, connection) =>
      connection === 0 ? pduOf(0x8000_0004, 0x04, sequence) : pduOf(0x8000_0004, 0, sequence, Buffer.from('7\0')),
    );
    expect(await send(smsc, 0)).toEqual({ kind: 'not-submitted', code: 'ESME_RINVBNDSTS' });
    expect(smsc.driver.bound()).toBe(false);
    await until(() => smsc.driver.bound());
    expect(await send(smsc, 0)).toMatchObject({ kind: 'accepted', providerIds: ['7'] });
  });

  it('takes no generic_nack for success', async () => {
    const smsc = await bound([0], (sequence) => pduOf(0x8000_0000, 0, sequence));
    expect(await send(smsc, 0)).toMatchObject({ kind: 'failed', reason: 'UNKNOWN_ANSWER' });
  });

  it('spreads shares without a bind of their own over those there are, each within its window', async () => {
    let mute = false;
    const smsc = await bound([0, 1, 2, 3], (sequence) => (mute ? undefined : pduOf(0x8000_0004, 0, sequence, Buffer.from('7\0'))));
    // Both are bound when each has carried something.
    while (!smsc.submitted[0] || !smsc.submitted[1]) await Promise.all([send(smsc, 0), send(smsc, 1)]);
    mute = true;
    smsc.submitted.fill(0);
    // As many as the kit has under way at most: a window for each bind.
    for (let count = 0; count < 2 * WINDOW; count++) void send(smsc, 2 + (count % 2));
    await until(() => smsc.submitted[0] === WINDOW && smsc.submitted[1] === WINDOW);
  });

  it('has no more parts of long messages under way than its window', async () => {
    const sequences: number[] = [];
    const smsc = await bound([0], (sequence) => void sequences.push(sequence));
    const say = (sequence: number): void => void smsc.sockets[0]?.write(pduOf(0x8000_0004, 0, sequence, Buffer.from(`${sequence}\0`)));
    const answer = send(smsc, 0, 'x'.repeat(3 * 153));
    await until(() => sequences.length === WINDOW);
    // It would have been here by then.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sequences).toHaveLength(WINDOW);
    sequences.forEach(say);
    await until(() => sequences.length === 3);
    say(sequences[2] ?? 0);
    expect(await answer).toMatchObject({ kind: 'accepted', providerIds: sequences.map(String) });
  });

  it('gives back what was not written when the bind ends', async () => {
    const sequences: number[] = [];
    const smsc = await bound([0], (sequence) => void sequences.push(sequence));
    const answers = [1, 2, 3].map(() => send(smsc, 0));
    await until(() => sequences.length === WINDOW);
    smsc.sockets[0]?.destroy();
    expect((await Promise.all(answers)).map(({ kind }) => kind)).toEqual(['in-doubt', 'in-doubt', 'not-submitted']);
  });

  it('keeps the binds it has when shares come and go, and never has more than one instance may', async () => {
    const smsc = await bound([0, 1], () => undefined);
    await smsc.driver.setShares([0, 1, 2, 3]);
    // Its bind waits for the answer before it leaves.
    void send(smsc, 0);
    await smsc.driver.setShares([1, 2, 3]);
    await until(() => smsc.sockets.length === 3 && smsc.sockets[0]?.closed !== smsc.sockets[1]?.closed);
    await smsc.driver.setShares([4, 5]);
    await until(() => smsc.sockets.length === 5);
    expect(smsc.most()).toBe(2);
  });
});
