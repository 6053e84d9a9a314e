import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '@tocsin/testing';
import { boundDriver, submission, type TestDriver } from './driver.peer.test.js';
import { startStandIn, type StandIn } from './stand-in.peer.test.js';

let standIn: StandIn;
let relay: TestDriver;

beforeAll(async () => {
  standIn = await startStandIn(1000);
  relay = await boundDriver(standIn.port, 4);
});

afterAll(async () => {
  await relay.stop();
  await standIn.stop();
});

describe('the stand-in', () => {
  it('writes down what it took before it says so', async () => {
    const one = submission();
    expect(await relay.driver.submit(one, 10_000)).toMatchObject({ kind: 'accepted', code: '250 2.0.0' });
    expect(standIn.ledger().at(-1)).toMatchObject({
      deliveryId: one.deliveryId,
      attempt: 1,
      to: one.address,
      messageId: `${one.deliveryId}@example.org`,
      channel: 'email',
    });
  });

  it('answers 451 4.7.0 above its rate, and the driver says throttled', async () => {
    // So low that thirty mails are too many however long they take here.
    await standIn.turn({ rate: 1 });
    const before = standIn.ledger().length;
    const answers = [];
    for (let sent = 0; sent < 30; sent += 1) answers.push(await relay.send());
    await standIn.turn({ rate: 1000 });
    const throttled = answers.filter((answer) => answer.kind === 'throttled');
    expect(throttled.length).toBeGreaterThan(0);
    expect(throttled[0]?.code).toBe('451 4.7.0');
    const taken = answers.filter((answer) => answer.kind === 'accepted').length;
    expect(standIn.ledger().length - before).toBe(taken);
    expect(taken).toBeLessThan(30);
  });

  it.each([
    ['refused mailboxes', { failRate: 1 }, { failRate: 0 }, { kind: 'failed', reason: 'ADDRESS_UNKNOWN', code: '550 5.1.1' }],
    ['greylisting', { greylist: true }, { greylist: false }, { kind: 'failed', reason: 'GREYLISTED', code: '451 4.7.1' }],
    ['an answer no table knows', { nonsense: true }, { nonsense: false }, { kind: 'failed', reason: 'UNKNOWN_ANSWER', code: '699' }],
  ])('%s', async (_label, on, off, expected) => {
    await standIn.turn(on);
    const before = standIn.ledger().length;
    expect(await relay.send()).toEqual(expected);
    await standIn.turn(off);
    expect(standIn.ledger().length).toBe(before);
    expect(await relay.send()).toMatchObject({ kind: 'accepted' });
  });

  it('a relay that falls unbinds the route, nothing was submitted, and it binds again when the relay is back', async () => {
    await standIn.turn({ down: true });
    const before = standIn.ledger().length;
    await waitUntil('unbound', async () => (await relay.send()).kind === 'not-submitted' && !relay.driver.bound(), 60_000);
    expect(standIn.ledger().length).toBe(before);
    await standIn.turn({ down: false });
    await waitUntil('bound again', () => relay.driver.bound(), 60_000);
    expect(await relay.send()).toMatchObject({ kind: 'accepted' });
  });

  it('refuses a knob it does not have', async () => {
    const answer = await standIn.turn({ speed: 3 });
    expect(answer.status).toBe(400);
  });
});

/** A relay that reads a mail to its final dot and then hangs up, or never answers. */
function silentRelay(behaviour: 'hang-up-after-dot' | 'silent-after-dot' | 'hang-up-in-data'): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('220 silent\r\n');
    let seen = '';
    let inData = false;
    socket.on('data', (chunk) => {
      seen += chunk.toString('latin1');
      if (inData) {
        if (seen.includes('\r\n.\r\n') && behaviour === 'hang-up-after-dot') socket.destroy();
        return;
      }
      for (let end = seen.indexOf('\r\n'); end >= 0; end = seen.indexOf('\r\n')) {
        const line = seen.slice(0, end);
        seen = seen.slice(end + 2);
        if (/^DATA/i.test(line) && behaviour === 'hang-up-in-data') return void socket.destroy();
        inData = /^DATA/i.test(line);
        socket.write(inData ? '354 go on\r\n' : '250 ok\r\n');
      }
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

describe('a connection that breaks', () => {
  it.each([
    ['after the final dot leaves the mail in doubt', 'hang-up-after-dot', 'in-doubt'],
    ['silence after the final dot leaves it in doubt at the deadline', 'silent-after-dot', 'in-doubt'],
    ['before the content was asked for: not submitted', 'hang-up-in-data', 'not-submitted'],
  ] as const)('%s', async (_label, behaviour, expected) => {
    const server = await silentRelay(behaviour);
    const broken = await boundDriver((server.address() as AddressInfo).port, 1);
    expect(await broken.driver.submit(submission(), 1_500)).toMatchObject({ kind: expected });
    await broken.stop();
    server.close();
  });
});
