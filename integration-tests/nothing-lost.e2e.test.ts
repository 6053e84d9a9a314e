import { repositoryRoot } from '@tocsin/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accounted, jsonOf, newMunicipality, readyCampaign, registerOf, type Municipality } from './municipality.js';
import { markedDuplicates, slowTo, untilFinished } from './outcome.js';
import { runTool, startStack, type RunningStack } from './stack.js';

/** Residents: at the stand-ins' 500 SMS/s a send of some seconds, slowed down below to outlast the kills. */
const RESIDENTS = 4_000;
/** SMS a second of the stand-in: the send lasts about 70 s, longer than the kills. */
const RATE = 60;
/** Milliseconds between two kills. */
const BETWEEN_KILLS = 6_000;
/** Submitted and not yet recorded by one channel instance at most, times its kills. */
const IN_DOUBT_AT_MOST = 256;

/** A second instance listens so far above the first. */
const SECOND_INSTANCE = 50;
/** Exit code of the command line for a key that is refused. */
const REFUSED = 3;

/** Every service runs twice: the first instance of some and the second of others is killed, the schedulers' and the ledger's both. */
const KILLED = [
  'channel-sms',
  'routing',
  'deliveries-2',
  'campaigns',
  'subscribers-2',
  'routing-2',
  'gateway',
  'deliveries',
  'channel-sms-2',
  'tenants',
  'channel-email',
];

describe('G1 and G2: kill -9 of every service in turn during a send, two instances of each', () => {
  let stack: RunningStack;
  let town: Municipality;

  beforeAll(async () => {
    stack = await startStack({ TOCSIN_STACK_INSTANCES: '2' });
    town = await newMunicipality(stack, 'Mairie de Saint-Fictif');
    jsonOf(await stack.cli(['register', 'import', registerOf(RESIDENTS), '--json'], town.author));
  }, 240_000);
  afterAll(async () => await stack.stop(), 120_000);

  it('nobody is lost, every duplicate is marked, the accounting is exact', async () => {
    await slowTo(stack, RATE);
    const id = await readyCampaign(stack, town, 'Exercice.');
    jsonOf(await stack.cli(['campaign', 'release', id, '--json'], town.author));
    for (const name of KILLED) {
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_KILLS));
      process.kill(stack.pid(name), 'SIGKILL');
    }
    const tally = await untilFinished(stack, town, id);
    expect(tally).toMatchObject({
      recipients: RESIDENTS,
      terminal: RESIDENTS,
      pending: 0,
      failed: 0,
      expired: 0,
      cancelled: 0,
      suppressed: 0,
    });
    expect(accounted(tally)).toBe(RESIDENTS);

    const sms = stack.ledger('sms').filter((line) => line.deliveryId.startsWith(id));
    const numbers = new Set(sms.map((line) => line.to));
    const mailboxes = new Set(
      stack
        .ledger('email')
        .filter((line) => line.deliveryId.startsWith(id))
        .map((line) => line.to),
    );
    expect([numbers.size, mailboxes.size]).toEqual([RESIDENTS, RESIDENTS / 4]);

    const twice = sms.map((line) => line.deliveryId).filter((deliveryId, at, every) => every.indexOf(deliveryId) !== at);
    expect(twice.length).toBeLessThanOrEqual(IN_DOUBT_AT_MOST);
    const marked = new Set(await markedDuplicates(stack, town, id));
    expect(twice.filter((deliveryId) => !marked.has(deliveryId))).toEqual([]);
  }, 420_000);

  it('G27: a key that both gateways know is refused by both within five seconds of its revocation at one', async () => {
    const person = ['principal', 'create', '--tenant', town.tenantId, '--name', 'Partie', '--role', 'reader', '--json'];
    const { principalId } = jsonOf(await stack.cli(person))['principal'] as { principalId: string };
    const issued = jsonOf(await stack.cli(['key', 'issue', '--tenant', town.tenantId, '--principal', principalId, '--json']));
    const [host, port] = stack.address.split(':');
    const gateways = [stack.address, `${host}:${Number(port) + SECOND_INSTANCE}`];
    const asked = (): Promise<number[]> =>
      Promise.all(
        gateways.map(async (address) => {
          const settings = { TOCSIN_ADDRESS: address, TOCSIN_API_KEY: issued['secret'] as string };
          return (await runTool(repositoryRoot(), 'cli', ['campaign', 'list', '--json'], settings)).code;
        }),
      );
    expect(await asked()).toEqual([0, 0]);
    jsonOf(await stack.cli(['key', 'revoke', (issued['key'] as { keyId: string }).keyId, '--tenant', town.tenantId, '--json']));
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect(await asked()).toEqual([REFUSED, REFUSED]);
  }, 60_000);
});
