import { afterEach, describe, expect, it } from 'vitest';
import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { waitUntil } from '@tocsin/testing';
import { ChannelRig, mailboxOf } from './channel.peer.test.js';

let open: ChannelRig | undefined;
afterEach(() => open?.close(), 60_000);

async function rig(rate: number): Promise<ChannelRig> {
  return (open = await ChannelRig.open(rate));
}

/** In-doubt cap of the kit, a share. */
const IN_DOUBT_CAP = 64;

/** ms a condition, and a whole test, may take on a machine that does much else: what is asserted is what happens, not how fast. */
const SETTLES = 90_000;
const LONG = 300_000;

describe('channel-email on the real ground', () => {
  it(
    'sends every grant once; who unsubscribed gets nothing',
    async () => {
      const at = await rig(300);
      await at.suppress(mailboxOf(3));
      await at.start();
      const ids = await at.grant(200);
      await waitUntil('all attempts', () => at.attempts.length === ids.length, SETTLES);
      const suppressed = at.attempts.filter((attempt) => attempt.outcome === Outcome.SUPPRESSED);
      expect(suppressed.map((attempt) => attempt.index)).toEqual([3]);
      const taken = at.standIn.ledger().map((entry) => entry.deliveryId);
      expect(taken.toSorted()).toEqual(ids.filter((id) => !id.endsWith('.0.3.email')).toSorted());
      const accepted = at.attempts.find((attempt) => attempt.outcome === Outcome.ACCEPTED);
      expect(accepted).toMatchObject({ providerCode: '250 2.0.0', cost: 1, providerIds: [accepted?.deliveryId] });
    },
    LONG,
  );

  it(
    'paces at its rate without being throttled by the relay',
    async () => {
      const at = await rig(150);
      await at.start();
      const ids = await at.grant(900);
      await waitUntil('all attempts', () => at.attempts.length === ids.length, SETTLES);
      const stamps = at.standIn
        .ledger()
        .map((entry) => entry.at)
        .toSorted((a, b) => a - b);
      const seconds = ((stamps.at(-1) ?? 0) - (stamps[0] ?? 0)) / 1000;
      // Never faster; how near it comes is measured by the benchmarks, where the machine does nothing else.
      expect(ids.length / seconds).toBeGreaterThan(30);
      expect(ids.length / seconds).toBeLessThan(165);
      expect((await at.standIn.stats())['throttled']).toBe(0);
    },
    LONG,
  );

  it(
    'survives kill -9 in the middle: nothing lost, every duplicate marked',
    async () => {
      const at = await rig(150);
      const first = await at.start();
      const ids = await at.grant(600);
      await waitUntil('a part is sent', () => at.standIn.ledger().length > 150, SETTLES);
      await first.kill();
      await at.start();
      await waitUntil('all attempts', () => new Set(at.attempts.map((attempt) => attempt.deliveryId)).size === ids.length, SETTLES);
      const taken = at.standIn.ledger().map((entry) => entry.deliveryId);
      expect(new Set(taken).size).toBe(ids.length);
      const twice = taken.filter((id, index) => taken.indexOf(id) !== index);
      expect(twice.length).toBeLessThanOrEqual(IN_DOUBT_CAP * 4);
      const marked = new Set(at.attempts.filter((attempt) => attempt.possibleDuplicate).map((attempt) => attempt.deliveryId));
      expect(twice.filter((id) => !marked.has(id))).toEqual([]);
    },
    LONG,
  );
});
