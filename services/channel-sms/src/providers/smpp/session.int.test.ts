import { createServer, Socket, type Server } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SmppSession, type SessionAnswer } from './session.js';
import type { SubmitParameters } from './submit-pdu.js';
import { pduOf } from './wire.js';

const PDU: SubmitParameters = {
  source_addr_ton: 5,
  source_addr_npi: 0,
  source_addr: 'TOCSIN',
  dest_addr_ton: 1,
  dest_addr_npi: 1,
  destination_addr: '33639980001',
  esm_class: 0,
  validity_period: '',
  registered_delivery: 1,
  data_coding: 0,
  short_message: Buffer.from('Crue'),
};
/** ms a condition may take on a machine that does much else. */
const PATIENCE = 30_000;

let end: (() => void) | undefined;
afterEach(() => end?.());

interface Rig {
  readonly session: SmppSession;
  /** What the peer has received: command_id, command_status and sequence of each whole PDU. */
  readonly received: () => [command: number, status: number, sequence: number][];
  /** Chunks as they came. */
  readonly chunks: Buffer[];
  readonly peer: Socket;
  readonly closed: () => boolean;
}

async function rig(lastSequence = 0): Promise<Rig> {
  let peer: Socket | undefined;
  let closed = false;
  const chunks: Buffer[] = [];
  const server: Server = createServer((socket) => {
    peer = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => chunks.push(chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const session = await new Promise<SmppSession>((resolve) => {
    const made: SmppSession = new SmppSession(
      { host: '127.0.0.1', port, tls: false },
      {
        connected: () => resolve(made),
        heard: () => undefined,
        deliver: (_pdu, sequence) => made.delivered(sequence, 0x64),
        unbound: () => undefined,
        closed: () => (closed = true),
      },
      lastSequence,
    );
  });
  end = () => {
    session.destroy();
    server.close();
  };
  await until(() => peer !== undefined);
  if (peer === undefined) throw new Error('nobody connected');
  return { session, received: () => framed(Buffer.concat(chunks)), chunks, peer, closed: () => closed };
}

function framed(octets: Buffer): [command: number, status: number, sequence: number][] {
  const pdus: [number, number, number][] = [];
  for (let at = 0; at + 16 <= octets.length && at + octets.readUInt32BE(at) <= octets.length; at += Math.max(16, octets.readUInt32BE(at))) {
    pdus.push([octets.readUInt32BE(at + 4), octets.readUInt32BE(at + 8), octets.readUInt32BE(at + 12)]);
  }
  return pdus;
}

async function until(condition: () => boolean): Promise<void> {
  const late = performance.now() + PATIENCE;
  while (!condition()) {
    if (performance.now() > late) throw new Error('not in time');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('SMPP session', () => {
  it('sends what is written in one turn together, numbered over the end of the numbers', async () => {
    const { session, received, chunks } = await rig(0x7fff_fffd);
    for (let count = 0; count < 4; count++) session.submit(PDU, Infinity, () => undefined);
    await until(() => received().length === 4);
    expect(received().map(([, , sequence]) => sequence)).toEqual([0x7fff_fffe, 0x7fff_ffff, 1, 2]);
    expect(chunks).toHaveLength(1);
  });

  it('lets a submission go at the end of its turn, though answers have just left and others wait', async () => {
    const { session, received, chunks } = await rig();
    session.delivered(7);
    await until(() => received().length === 1);
    session.delivered(8);
    session.submit(PDU, Infinity, () => undefined);
    const writes = vi.spyOn(Socket.prototype, 'write');
    await new Promise((resolve) => setImmediate(resolve));
    expect(writes).toHaveBeenCalledTimes(1);
    writes.mockRestore();
    await until(() => received().length === 3);
    expect(chunks).toHaveLength(2);
  });

  it('tells each request its own answer, whatever their order, and the others that the connection is gone', async () => {
    const { session, received, peer } = await rig();
    const answers: (SessionAnswer | undefined)[] = [undefined, undefined, undefined];
    answers.forEach((_none, at) => session.submit(PDU, Infinity, (answer) => (answers[at] = answer)));
    await until(() => received().length === 3);
    peer.write(Buffer.concat([pduOf(0x8000_0004, 0x58, 2), pduOf(0x8000_0004, 0, 1, Buffer.from('ab\0')), pduOf(0x8000_0004, 0, 77)]));
    await until(() => answers[0] !== undefined);
    expect(session.waiting).toBe(1);
    peer.destroy();
    await until(() => answers[2] !== undefined);
    expect(answers).toEqual([
      { kind: 'answered', status: 0, messageId: 'ab' },
      { kind: 'answered', status: 0x58, messageId: '' },
      { kind: 'unanswered', why: 'BIND_LOST' },
    ]);
    expect(session.submit(PDU, Infinity, () => undefined)).toBe(false);
  });

  it('gives up those whose time is over and no others', async () => {
    const { session } = await rig();
    const told: string[] = [];
    session.bind('tocsin', '', () => told.push('bind'));
    session.submit(PDU, 1_000, () => told.push('first'));
    session.submit(PDU, 2_000, () => told.push('second'));
    session.expire(1_500);
    expect(told).toEqual(['first']);
    expect(session.waiting).toBe(2);
  });

  it('waits for no answer to its enquire_links', async () => {
    const { session, received } = await rig();
    for (let count = 0; count < 3; count++) session.enquire();
    await until(() => received().length === 3);
    expect(session.waiting).toBe(0);
  });

  it('cuts PDUs larger than its slab and thousands of them without losing an octet', async () => {
    const { session, received } = await rig();
    const large = { ...PDU, destination_addr: '3'.repeat(40_000) };
    session.submit(large, Infinity, () => undefined);
    for (let count = 0; count < 2_000; count++) session.submit(PDU, Infinity, () => undefined);
    await until(() => received().length === 2_001);
    expect(received().map(([, , sequence]) => sequence)).toEqual(Array.from({ length: 2_001 }, (_none, at) => at + 1));
  });

  it('answers enquire_link, unbind, a delivery it could not record, and what it does not know', async () => {
    const { peer, received } = await rig();
    peer.write(Buffer.concat([pduOf(0x15, 0, 5), pduOf(0x05, 0, 6, Buffer.alloc(17)), pduOf(0x0000_0103, 0, 7), pduOf(0x06, 0, 8)]));
    await until(() => received().length === 4);
    expect(received()).toEqual([
      [0x8000_0015, 0, 5],
      [0x8000_0005, 0x64, 6],
      [0x8000_0000, 3, 7],
      [0x8000_0006, 0, 8],
    ]);
  });

  it.each([
    ['too short to be a PDU', 15],
    ['longer than any PDU', 16_385],
  ])('gives a connection up whose command_length is %s', async (_label, length) => {
    const { peer, closed } = await rig();
    const damaged = pduOf(0x15, 0, 1);
    damaged.writeUInt32BE(length, 0);
    peer.write(damaged);
    await until(closed);
  });
});
