import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Submission, SubmitAnswer } from '@tocsin/channel-kit';
import { createLogger } from '@tocsin/observability';
import { SmtpDriver } from './smtp-driver.js';

const DEADLINE = 20_000;
const PER_SHARE = 2;

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

interface Relay {
  readonly driver: SmtpDriver;
  readonly said: string[];
}

/** A driver and a relay that pipelines, takes so many connections at once, and holds each mail for `holdMs`; `answer` may say something else to a line. */
async function relay(connections: number, holdMs: number, answer: (line: string, socket: Socket) => string | undefined): Promise<Relay> {
  const said: string[] = [];
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (open.size >= connections) return void socket.end('421 4.7.0 too many connections\r\n');
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.write('220 relay\r\n');
    let inContent = false;
    socket.on('data', (chunk) => {
      for (const line of chunk.toString('latin1').split('\r\n').slice(0, -1)) {
        if (inContent) {
          if (line !== '.') continue;
          inContent = false;
          setTimeout(() => socket.write('250 taken\r\n'), holdMs);
          continue;
        }
        said.push(line);
        const own = answer(line, socket);
        if (own !== undefined) socket.end(`${own}\r\n`);
        if (socket.writableEnded) return;
        inContent = line === 'DATA';
        socket.write(line.startsWith('EHLO') ? '250-relay\r\n250 PIPELINING\r\n' : inContent ? '354 go on\r\n' : '250 ok\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const driver = new SmtpDriver(
    {
      routeId: 'smtp-1',
      provider: 'smtp',
      ratePerSecond: 150,
      connectionsPerShare: PER_SHARE,
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
      sealer: { unsubscribeToken: () => 'tok' } as never,
      dkim: undefined,
      logger: createLogger({ service: 'channel-email', instanceId: 'test', level: 'error' }),
      now: () => Date.now(),
    },
  );
  await driver.start();
  ends.push(() => {
    void driver.stop(0);
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { driver, said };
}

function send({ driver }: Relay, index: number): Promise<SubmitAnswer> {
  const submission: Submission = {
    deliveryId: `cmp_1.0.${index}.email`,
    n: 1,
    address: 'zoe@example.net',
    rendered: { subject: 'Crue', body: 'Montez.', cost: 1 },
    tenantId: 'ten_1',
    campaignId: 'cmp_1',
    expiresAt: 0,
    smsSender: '',
    mailFrom: '',
    tenantName: 'Ville',
    purpose: 'alert',
    addressHash: Buffer.alloc(16),
    possibleDuplicate: false,
    share: 0,
  };
  return driver.submit(submission, DEADLINE);
}

async function until(condition: () => boolean): Promise<void> {
  const late = performance.now() + DEADLINE;
  while (!condition()) {
    if (performance.now() > late) throw new Error('not in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the connections to a relay', () => {
  it('go on where it takes fewer than they may be', async () => {
    const one = await relay(1, 100, () => undefined);
    await one.driver.setShares([0]);
    await until(() => one.driver.bound());
    expect((await Promise.all([send(one, 1), send(one, 2)])).map(({ kind }) => kind)).toEqual(['accepted', 'not-submitted']);
    expect(one.driver.bound()).toBe(true);
    expect(await send(one, 3)).toMatchObject({ kind: 'accepted' });
  });

  it('say goodbye only where they are too many', async () => {
    const two = await relay(10, 50, () => undefined);
    await two.driver.setShares([0, 1]);
    await until(() => two.driver.bound());
    await Promise.all([1, 2, 3, 4].map((index) => send(two, index)));
    await two.driver.setShares([0]);
    expect(await send(two, 5)).toMatchObject({ kind: 'accepted' });
    await until(() => two.said.includes('QUIT'));
    expect(two.said.filter((line) => line === 'QUIT')).toHaveLength(PER_SHARE);
    expect(two.said.filter((line) => line.startsWith('EHLO'))).toHaveLength(2 * PER_SHARE);
  });

  it.each([
    ['sender', 'MAIL'],
    ['recipient', 'RCPT'],
  ])('are throttled by a relay that refuses a %s with 421 and hangs up before it answers the rest', async (_label, command) => {
    const hanging = await relay(10, 0, (line) => (line.startsWith(command) ? '421 4.7.0 slow down' : undefined));
    await hanging.driver.setShares([0]);
    await until(() => hanging.driver.bound());
    expect(await send(hanging, 1)).toEqual({ kind: 'throttled', code: '421 4.7.0' });
  });
});
