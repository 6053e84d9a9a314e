import { afterEach, describe, expect, it } from 'vitest';
import { newId } from '@tocsin/contracts';
import { StopKind } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { ReplyKind } from '@tocsin/contracts/channels/v1/channels';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { Outcome, ReceiptState } from '@tocsin/contracts/deliveries/v1/attempts';
import { waitUntil } from '@tocsin/testing';
import { ChannelRig, addressOf } from './channel.peer.test.js';

/** ms a condition, and a whole test, may take on a machine that does much else: what is asserted is what happens, not how fast. */
const SETTLES = 90_000;
const LONG = 300_000;
/** In-doubt cap of the kit, a share. */
const IN_DOUBT_CAP = 64;
const SHARES = 4;

let open: ChannelRig | undefined;
afterEach(() => open?.close(), SETTLES);

async function rig(rate: number): Promise<ChannelRig> {
  return (open = await ChannelRig.open(rate));
}

/** What went out more than once, by delivery id. */
function duplicatesOf(rig: ChannelRig): string[] {
  const seen = new Set<string>();
  return rig.standIn.lines().flatMap(({ deliveryId }) => (seen.has(deliveryId) ? [deliveryId] : (seen.add(deliveryId), [])));
}

describe('channel-sms on the real ground', () => {
  it(
    'sends every grant once, with attempts, receipts and the answer of a person',
    async () => {
      const at = await rig(400);
      await at.start();
      const campaign = newId('cmp');
      const ids = await at.grant(campaign, 300, { broken: 7 });
      await waitUntil('all attempts', () => at.attempts.length === 300, SETTLES);
      const failed = at.attempts.filter((attempt) => attempt.outcome === Outcome.FAILED);
      expect(failed.map((attempt) => [attempt.index, attempt.reason, attempt.retryable])).toEqual([[7, 'SEAL_BROKEN', false]]);
      expect(at.attempts.filter((attempt) => attempt.outcome === Outcome.ACCEPTED && attempt.cost === 1)).toHaveLength(299);
      expect(new Set(at.standIn.lines().map((line) => line.deliveryId))).toEqual(new Set(ids.filter((id) => id !== `${campaign}.0.7.sms`)));
      expect(duplicatesOf(at)).toEqual([]);
      await waitUntil('all receipts', () => at.receipts.length >= 299, SETTLES);
      expect(at.receipts.every((receipt) => receipt.state === ReceiptState.DELIVERED)).toBe(true);
      await at.standIn.post('/knobs', { earlyReceipts: true, duplicateReceipts: 1 });
      const early = newId('cmp');
      await at.grant(early, 40);
      const receiptsOf = (): Set<string> =>
        new Set(at.receipts.filter((one) => one.deliveryId.startsWith(early)).map((one) => one.deliveryId));
      await waitUntil('receipts that came before their answer', () => receiptsOf().size === 40, SETTLES);
      await at.standIn.post('/mo', { from: addressOf(3), to: '38200', text: 'STOP' });
      await waitUntil('the reply', () => at.replies.length === 1, SETTLES);
      expect(at.replies[0]).toMatchObject({
        kind: ReplyKind.STOP,
        campaignId: early,
        writtenTo: '38200',
        addressHash: at.sealer.addressHash(addressOf(3)),
      });
    },
    LONG,
  );

  it(
    'survives kill -9 in the middle: nothing lost, every duplicate marked and within the in-doubt window',
    async () => {
      const at = await rig(400);
      const first = await at.start();
      const campaign = newId('cmp');
      const ids = await at.grant(campaign, 2_000);
      await waitUntil('a part is sent', () => at.standIn.lines().length > 600, SETTLES);
      await first.kill();
      const recorded = new Set(at.attempts.map((attempt) => attempt.deliveryId));
      await at.start();
      await waitUntil('all attempts', () => new Set(at.attempts.map((attempt) => attempt.deliveryId)).size === 2_000, SETTLES);
      await waitUntil('all sent', () => new Set(at.standIn.lines().map((line) => line.deliveryId)).size === 2_000, SETTLES);
      expect(new Set(at.standIn.lines().map((line) => line.deliveryId))).toEqual(new Set(ids));
      const duplicates = duplicatesOf(at);
      expect(duplicates.length).toBeLessThanOrEqual(IN_DOUBT_CAP * SHARES);
      expect(duplicates.filter((id) => recorded.has(id))).toEqual([]);
      const marked = new Set(at.attempts.filter((attempt) => attempt.possibleDuplicate).map((attempt) => attempt.deliveryId));
      expect(duplicates.filter((id) => !marked.has(id))).toEqual([]);
    },
    LONG,
  );

  it(
    'shares the rate between two instances, which never send more than one may, and hands over without a duplicate',
    async () => {
      const at = await rig(200);
      const [first] = await Promise.all([at.start(), at.start()]);
      const campaign = newId('cmp');
      const ids = await at.grant(campaign, 1_200);
      await waitUntil('a part is sent', () => at.standIn.lines().length > 400, SETTLES);
      await first.stop();
      await waitUntil('all attempts', () => at.attempts.length >= 1_200, SETTLES);
      const stats = await at.standIn.stats();
      expect(stats.peakPerSecond).toBeLessThanOrEqual(210);
      expect(new Set(at.standIn.lines().map((line) => line.deliveryId))).toEqual(new Set(ids));
      expect(duplicatesOf(at)).toEqual([]);
    },
    LONG,
  );

  it(
    'gives its shares, and what it holds of them, to the instance that has a route',
    async () => {
      const at = await rig(200);
      await at.start();
      const campaign = newId('cmp');
      const ids = await at.grant(campaign, 1_200);
      await waitUntil('it has begun', () => at.standIn.lines().length > 50, SETTLES);
      const stranger = await at.start({ TOCSIN_CHANNEL_SMS_SMPP_PORT: '1' });
      await waitUntil('all attempts', () => at.attempts.length >= 1_200, SETTLES);
      expect(new Set(at.standIn.lines().map((line) => line.deliveryId))).toEqual(new Set(ids));
      expect(duplicatesOf(at)).toEqual([]);
      expect(stranger.tail()).toContain('giving the shares up');
      await stranger.stop();
    },
    LONG,
  );

  it(
    'honours a STOP that came after planning, an expiry, a pause and a cancel, in order of lanes',
    async () => {
      const at = await rig(10);
      await at.start();
      await at.suppress(addressOf(1));
      const [slow, urgent, late] = [newId('cmp'), newId('cmp'), newId('cmp')];
      await at.grant(late, 3, { expiresAt: Date.now() - 1 });
      await at.grant(slow, 200);
      await waitUntil('it has begun', () => at.standIn.lines().length > 5, SETTLES);
      await at.grant(urgent, 3, { lane: Lane.LIFE_SAFETY });
      await waitUntil('urgent ones are done', () => at.attemptsOf(urgent).length === 3, SETTLES);
      // They passed what had waited longer: of that, nearly all is still held.
      expect(at.attemptsOf(slow).length).toBeLessThan(150);
      expect(
        at
          .attemptsOf(urgent)
          .map((attempt) => attempt.outcome)
          .sort((a, b) => a - b),
      ).toEqual([Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.SUPPRESSED]);
      expect(at.attemptsOf(late).map((attempt) => attempt.outcome)).toEqual([Outcome.EXPIRED, Outcome.EXPIRED, Outcome.EXPIRED]);
      await at.stop(slow, StopKind.PAUSED);
      await waitUntil('the rest is given back', () => at.attemptsOf(slow).length === 200, SETTLES);
      const returned = at.attemptsOf(slow).filter((attempt) => attempt.outcome === Outcome.RETURNED);
      expect(returned.length).toBeGreaterThan(20);
      const sent = at.standIn.lines().length;
      await at.stop(slow, StopKind.RESUMED);
      // As a scheduler does: what an instance that has not heard of the resume gives back is granted again.
      const given = (): number => at.attemptsOf(slow).filter((attempt) => attempt.outcome === Outcome.RETURNED).length;
      const goesOn = (): boolean => at.standIn.lines().length > sent + 5;
      while (!goesOn()) {
        const before = given();
        await at.grant(slow, 200);
        await waitUntil('it goes on where it stopped', () => goesOn() || given() > before + 10, SETTLES);
      }
      await at.stop(slow, StopKind.CANCELLED);
      await waitUntil('the rest is cancelled', () => at.attemptsOf(slow).some((attempt) => attempt.outcome === Outcome.CANCELLED), SETTLES);
      const after = at.standIn.lines().length;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(at.standIn.lines().length - after).toBeLessThanOrEqual(2);
      expect(duplicatesOf(at)).toEqual([]);
      expect(at.standIn.lines().some((line) => line.to === addressOf(1))).toBe(false);
    },
    LONG,
  );
});
