import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialFiles } from '@tocsin/sealing/credentials';
import { jsonOf, newMunicipality, readyCampaign, registerOf, type Municipality } from './municipality.js';
import { outcomeOf, slowTo } from './outcome.js';
import { startStack, type ProcessStack } from './stack.js';

/** Residents: at RATE the send lasts some 40 s, longer than the replacement. */
const RESIDENTS = 1_600;
/** SMS a second of the stand-in. */
const RATE = 40;
/** Files are looked at every half second; ms until everybody has. */
const SETTLED_MS = 2_000;

const SERVICES = ['gateway', 'tenants', 'subscribers', 'campaigns', 'routing', 'deliveries', 'channel-sms', 'channel-email'];
/** Offsets of what listens with a certificate: broker (clients, controllers, brokers), store, internal gRPC. */
const LISTENING = { kafka: 0, controller: 1, store: 2, brokers: 3, tenants: 20, subscribers: 22, campaigns: 24, deliveries: 28 };

describe('every certificate, key and password is replaced during a send, with every link closed', () => {
  let stack: ProcessStack;
  let town: Municipality;

  beforeAll(async () => {
    stack = await startStack({ TOCSIN_GROUND: 'embedded', TOCSIN_STACK_LINKS: 'closed' });
    town = await newMunicipality(stack, 'Mairie de Saint-Fictif');
    jsonOf(await stack.cli(['register', 'import', registerOf(RESIDENTS), '--json'], town.author));
  }, 240_000);
  afterAll(async () => await stack.stop(), 120_000);

  it('nobody is lost or told twice, no process is restarted, and everybody shows what is new', async () => {
    await slowTo(stack, RATE);
    const id = await readyCampaign(stack, town, 'Exercice.');
    jsonOf(await stack.cli(['campaign', 'release', id, '--json'], town.author));
    await expect.poll(() => stack.ledger('sms').length, { timeout: 60_000, interval: 200 }).toBeGreaterThan(50);

    const processes = SERVICES.map((name) => stack.pid(name));
    const before = await serials(stack);
    const begun = Date.now();
    await step(stack, 'trust');
    await step(stack, 'replace');
    await apply(stack);
    await settled();
    await step(stack, 'forget');
    const ended = Date.now();
    const sentMeanwhile = stack.ledger('sms').filter(({ at }) => at >= begun && at <= ended);
    expect(sentMeanwhile.length).toBeGreaterThan(0);

    const after = await serials(stack);
    for (const [name, serial] of Object.entries(after)) {
      expect({ name, serial }).toEqual({ name, serial: expect.stringMatching(/^[0-9A-F]{32}$/) as string });
      expect(before[name]).not.toBe(serial);
    }

    const outcome = await outcomeOf(stack, town, id);
    expect(outcome).toMatchObject({
      unaccounted: 0,
      reached: RESIDENTS,
      twice: [],
      tally: { recipients: RESIDENTS, terminal: RESIDENTS, failed: 0 },
    });
    expect(SERVICES.map((name) => stack.pid(name))).toEqual(processes);
    const times = stack.ledger('sms').map(({ at }) => at);
    process.stderr.write(
      `credentials replaced in ${ended - begun} ms during a send: ${JSON.stringify({ lost: RESIDENTS - outcome.reached, longestPauseMs: longestGap(times, begun, ended) })}\n`,
    );
  }, 240_000);
});

async function step(stack: ProcessStack, name: string): Promise<void> {
  const done = await stack.admin(['credentials', name, ...options(stack)]);
  expect(done).toMatchObject({ code: 0 });
  await settled();
}

/** As the administrator, by certificate, where brokers reach each other. */
async function apply(stack: ProcessStack): Promise<void> {
  const { ca, certificate, key } = credentialFiles(join(stack.state, 'credentials'), 'admin');
  const done = await stack.admin(['credentials', 'apply', ...options(stack)], {
    TOCSIN_KAFKA_BROKERS: `127.0.0.1:${portOf(stack, LISTENING.brokers)}`,
    TOCSIN_KAFKA_CA: ca,
    TOCSIN_KAFKA_CERTIFICATE: certificate,
    TOCSIN_KAFKA_KEY: key,
    TOCSIN_KAFKA_USER: '',
    TOCSIN_KAFKA_PASSWORD_FILE: '',
  });
  expect(done).toMatchObject({ code: 0 });
}

function options(stack: ProcessStack): string[] {
  return ['--out', join(stack.state, 'credentials'), '--channel', 'sms', '--channel', 'email'];
}

function portOf(stack: ProcessStack, offset: number): number {
  return Number(new URL(stack.http(offset)).port);
}

/** Serial number each server shows to whoever connects now. */
async function serials(stack: ProcessStack): Promise<Record<string, string>> {
  const found = await Promise.all(
    Object.entries(LISTENING).map(async ([name, offset]) => [name, await serialAt(portOf(stack, offset))] as const),
  );
  return Object.fromEntries(found);
}

function serialAt(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.setTimeout(5_000, () => socket.destroy());
    // A server may end the connection for want of a certificate of ours, after it has shown its own.
    socket.on('error', (error) => resolve(error.message));
  });
}

/** The longest time without an SMS accepted, ms, of those that began in this span. */
function longestGap(times: readonly number[], from: number, until: number): number {
  const sorted = times.filter((at) => at >= from - 1_000).toSorted((a, b) => a - b);
  return sorted.slice(1).reduce((most, at, index) => {
    const began = sorted[index] ?? at;
    return began <= until ? Math.max(most, at - began) : most;
  }, 0);
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
