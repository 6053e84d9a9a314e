import { afterEach, describe, expect, it } from 'vitest';
import { newId } from '@tocsin/contracts';
import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { waitUntil } from '@tocsin/testing';
import { ChannelRig } from './channel.peer.test.js';

/** ms a condition may take on a machine that does much else: what is asserted is what happens, not how fast. */
const SETTLES = 90_000;
const LONG = 300_000;
/** In-doubt cap of the kit, a share, and the shares one of two instances owns. */
const IN_DOUBT_CAP = 64;
const HALF_OF_THE_SHARES = 2;
/** ms: longer than a session of the group, so that others own the shares when it wakes. */
const FROZEN_MS = 14_000;

let open: ChannelRig | undefined;
afterEach(() => open?.close(), SETTLES);

/** Delivery ids at the oracle, and those of them that are there more than once. */
function taken(at: ChannelRig): { readonly ids: Set<string>; readonly twice: string[] } {
  const ids = new Set<string>();
  const twice = at.standIn.lines().flatMap(({ deliveryId }) => (ids.has(deliveryId) ? [deliveryId] : (ids.add(deliveryId), [])));
  return { ids, twice };
}

describe('channel-sms, recovering', () => {
  it(
    'what a killed instance left in doubt at a provider with a key is neither doubled nor marked, and finds the receipts that came before its answer',
    async () => {
      const at = (open = await ChannelRig.open(400));
      await at.standIn.post('/knobs', { deduplicates: true, receiptMinMs: 5, receiptMaxMs: 20 });
      const settings = { TOCSIN_CHANNEL_SMS_IDEMPOTENCY: 'key' };
      const first = await at.start(settings);
      const ids = await at.grant(newId('cmp'), 400);
      await waitUntil('a part is sent', () => at.attempts.length > 50, SETTLES);
      await at.standIn.post('/knobs', { mute: true, earlyReceipts: true });
      let sent = -1;
      await waitUntil(
        'every window is full of what is not answered',
        async () => {
          await new Promise((resolve) => setTimeout(resolve, 500));
          const before = sent;
          sent = at.standIn.lines().length;
          return sent === before;
        },
        SETTLES,
      );
      const silent = sent - new Set(at.attempts.map(({ deliveryId }) => deliveryId)).size;
      expect(silent).toBeGreaterThan(20);
      await first.kill();
      await at.standIn.post('/knobs', { mute: false });
      await at.start(settings);
      await waitUntil('all attempts', () => new Set(at.attempts.map(({ deliveryId }) => deliveryId)).size === ids.length, SETTLES);
      const { ids: atTheProvider, twice } = taken(at);
      expect(atTheProvider).toEqual(new Set(ids));
      expect(twice).toEqual([]);
      expect(at.attempts.filter(({ possibleDuplicate, outcome }) => possibleDuplicate || outcome !== Outcome.ACCEPTED)).toEqual([]);
      expect(at.attempts.filter(({ doubtResolved }) => doubtResolved).length).toBeGreaterThanOrEqual(silent);
      await waitUntil('a receipt of each', () => new Set(at.receipts.map(({ deliveryId }) => deliveryId)).size === ids.length, SETTLES);
    },
    LONG,
  );

  it(
    'an instance frozen beyond its session has no effect when it wakes but what was in its sockets, each marked',
    async () => {
      const at = (open = await ChannelRig.open(150));
      const frozen = await at.start();
      await at.start();
      const campaign = newId('cmp');
      const ids = await at.grant(campaign, 3_200);
      await waitUntil('both send', () => at.standIn.lines().length > 300, SETTLES);
      frozen.signal('SIGSTOP');
      const stopped = at.standIn.lines().length;
      await new Promise((resolve) => setTimeout(resolve, FROZEN_MS));
      await waitUntil('the other one sends its share too', () => at.standIn.lines().length > stopped + 1_000, SETTLES);
      frozen.signal('SIGCONT');
      await waitUntil('all attempts', () => new Set(at.attempts.map(({ deliveryId }) => deliveryId)).size === ids.length, SETTLES);
      const { ids: atTheProvider, twice } = taken(at);
      expect(atTheProvider).toEqual(new Set(ids));
      expect(twice.length).toBeLessThanOrEqual(IN_DOUBT_CAP * HALF_OF_THE_SHARES);
      const marked = new Set(at.attempts.filter(({ possibleDuplicate }) => possibleDuplicate).map(({ deliveryId }) => deliveryId));
      expect(twice.filter((id) => !marked.has(id))).toEqual([]);
    },
    LONG,
  );
});
