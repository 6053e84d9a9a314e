import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { newId } from '@tocsin/contracts';
import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { waitUntil, type ServiceProcess } from '@tocsin/testing';
import { ChannelRig, type StandIn } from './channel.peer.test.js';

/** ms a condition may take on a machine that does much else: what is asserted is what happens, not how fast. */
const SETTLES = 90_000;
const LONG = 300_000;
/** Segments a second of each of the two routes, and what is granted of both together: either can carry it alone. */
const RATE = 200;
const LOAD = 80;
/** ms beyond which an answer is slow here. */
const SLOW_MS = 400;

let open: ChannelRig | undefined;
let loading: NodeJS.Timeout | undefined;
afterEach(async () => {
  clearInterval(loading);
  await open?.close();
}, SETTLES);

interface RouteState {
  readonly points: number;
  readonly circuit: number;
  readonly rate: number;
}

async function stateOf(service: ServiceProcess, route: string): Promise<RouteState> {
  const text = await (await fetch(`http://127.0.0.1:${service.httpPort}/metrics`)).text();
  const value = (name: string): number =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`tocsin_channel_route_${name}{route="${route}"} `))
        ?.split(' ')[1],
    );
  return { points: value('points'), circuit: value('circuit'), rate: value('rate') };
}

async function twoRoutes(change: object = {}): Promise<{ at: ChannelRig; second: StandIn; service: ServiceProcess; ids: string[] }> {
  const at = (open = await ChannelRig.open(10_000));
  const second = await at.standInBeside(10_000);
  const file = join(mkdtempSync(join(tmpdir(), 'tocsin-routes-')), 'routes.json');
  const common = { host: '127.0.0.1', rate: RATE, slow_ms: SLOW_MS };
  const routes = [
    { id: 'first', port: at.standIn.smpp, ...common },
    { id: 'second', port: second.smpp, ...common, ...change },
  ];
  writeFileSync(file, JSON.stringify(routes));
  const service = await at.start({ TOCSIN_CHANNEL_SMS_ROUTES_FILE: file, TOCSIN_CHANNEL_SMS_LINK_TEST_EVERY: '1s' });
  return { at, second, service, ids: [] };
}

/** Grants go on, a second's load at a time, until the timer is cleared. */
function load(at: ChannelRig, ids: string[]): void {
  loading = setInterval(() => void at.grant(newId('cmp'), LOAD).then((granted) => ids.push(...granted)), 1_000);
}

/** Attempts made from now on until there are so many: the part of them that went by a route. */
async function partBy(at: ChannelRig, route: string, of: number): Promise<number> {
  const from = at.attempts.length;
  await waitUntil('more attempts', () => at.attempts.length >= from + of, SETTLES);
  return at.attempts.slice(from).filter((attempt) => attempt.route === route).length / (at.attempts.length - from);
}

describe('two operators for one channel', () => {
  it(
    'the slow one loses its traffic, the broken one all of it, and the one that recovers gets it back; nobody is left out or called twice',
    async () => {
      const { at, second, service, ids } = await twoRoutes();
      const told: Record<string, RouteState>[] = [];
      const watch = setInterval(() => {
        void Promise.all(['first', 'second'].map((route) => stateOf(service, route))).then(
          ([first, other]) => first && other && told.push({ first, second: other }),
          () => undefined,
        );
      }, 1_000);
      try {
        load(at, ids);
        expect(await partBy(at, 'first', 200)).toBeGreaterThan(0.3);

        await at.standIn.post('/knobs', { slowMs: 1_000 });
        await waitUntil('the slow route has lost its points', async () => (await stateOf(service, 'first')).points === 0, SETTLES);
        expect(await partBy(at, 'first', 400)).toBeLessThanOrEqual(0.05);
        expect((await stateOf(service, 'second')).points).toBe(100);
        expect((await stateOf(service, 'first')).rate).toBeLessThan(RATE * 0.03);

        await at.standIn.post('/knobs', { slowMs: 0, errorRate: 1 });
        await waitUntil('the broken route has an open circuit', async () => (await stateOf(service, 'first')).circuit === 2, SETTLES);
        expect((await stateOf(service, 'first')).rate).toBe(0);

        await at.standIn.post('/knobs', { errorRate: 0 });
        const back = async (): Promise<boolean> => {
          const { circuit, points } = await stateOf(service, 'first');
          return circuit === 0 && points >= 20;
        };
        await waitUntil('the route that works again is trusted again', back, SETTLES);
        expect(await partBy(at, 'first', 200)).toBeGreaterThan(0.1);
      } finally {
        clearInterval(watch);
        clearInterval(loading);
      }
      await waitUntil('all attempts', () => new Set(at.attempts.map(({ deliveryId }) => deliveryId)).size === ids.length, SETTLES);
      const ledger = [...at.standIn.lines(), ...second.lines()].map(({ deliveryId }) => deliveryId);
      const failed = at.attempts.filter(({ outcome }) => outcome === Outcome.FAILED);
      expect(new Set(ledger).size + failed.length).toBe(ids.length);
      expect(ledger.length).toBe(new Set(ledger).size);
      // A retry is the ledger's business; that it will be one is said here.
      expect(failed.every(({ retryable, route, reason }) => retryable && route === 'first' && reason === 'PROVIDER_UNAVAILABLE')).toBe(
        true,
      );
      expect(failed.length).toBeLessThan(100);
      process.stdout.write(`${JSON.stringify({ points: told.map(({ first, second: other }) => [first?.points, other?.points]) })}\n`);
    },
    LONG,
  );

  it(
    'a standby is tested though it carries nothing, and takes over while the main one is down',
    async () => {
      const { at, second, service, ids } = await twoRoutes({ standby: true });
      load(at, ids);
      expect(await partBy(at, 'second', 100)).toBe(0);
      const linkOf = async (): Promise<string | undefined> =>
        (await (await fetch(`http://127.0.0.1:${service.httpPort}/metrics`)).text())
          .split('\n')
          .find((line) => line.startsWith('tocsin_channel_link_test_ok{route="second",kind="link"}'));
      await second.post('/knobs', { down: true });
      await waitUntil('the idle standby that is down is found out', async () => (await linkOf())?.endsWith(' 0') === true, SETTLES);
      await second.post('/knobs', { down: false });
      await waitUntil('it is well again', async () => (await linkOf())?.endsWith(' 1') === true, SETTLES);
      await at.standIn.post('/knobs', { down: true });
      await waitUntil('the standby carries it', async () => (await partBy(at, 'second', 50)) === 1, SETTLES);
      await at.standIn.post('/knobs', { down: false });
      await waitUntil('the main one does again', async () => (await partBy(at, 'second', 50)) === 0, SETTLES);
      clearInterval(loading);
      await waitUntil('all attempts', () => new Set(at.attempts.map(({ deliveryId }) => deliveryId)).size === ids.length, SETTLES);
      const ledger = [...at.standIn.lines(), ...second.lines()].map(({ deliveryId }) => deliveryId);
      expect(new Set(ledger)).toEqual(new Set(ids));
      const twice = ledger.length - new Set(ledger).size;
      expect(at.attempts.filter(({ possibleDuplicate }) => possibleDuplicate).length).toBeGreaterThanOrEqual(twice);
    },
    LONG,
  );
});
