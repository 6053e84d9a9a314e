import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RouteDriver, Submission, SubmitAnswer } from '../channel.js';
import { FAILURE_REASONS } from '../failures.js';
import type { Behaviour, ConformanceRig, ConformanceSubject } from './subject.js';

/** ms a submission gets here; a slow stand-in takes longer. */
const DEADLINE_MS = 1_500;
/** ms of grace beyond a deadline before a driver counts as hanging. */
const GRACE_MS = 1_500;
const BIND_MS = 10_000;

let sequence = 0;

/** What a driver makes of every way a provider can behave. */
export function providerSuite(subject: ConformanceSubject): void {
  describe('provider client', () => {
    it.each(['192.0.2.1', 'smsc.example.org', '10.0.0.8', '127.0.0.1.example.org', '::'])(
      'refuses the peer %s outside production',
      (host) => {
        expect(() => subject.refuses(host)).toThrow(/loopback/i);
      },
    );
  });

  describe('failures', () => {
    it('are a closed list in which the reason decides about retrying', () => {
      for (const [reason, rule] of Object.entries(FAILURE_REASONS)) {
        expect(reason).toMatch(/^[A-Z_]+$/);
        expect(rule.why.length).toBeGreaterThan(10);
      }
    });
  });

  describe('driver and stand-in', () => {
    let rig: ConformanceRig;
    beforeAll(async () => {
      rig = await subject.rig();
      await rig.behave('accept');
      await rig.driver.start({ receipt: () => Promise.resolve(), reply: () => Promise.resolve() });
      await rig.driver.setShares([0, 1]);
      await bound(rig.driver);
    }, BIND_MS + 5_000);
    afterAll(async () => {
      await rig.driver.stop(1_000);
      await rig.stop();
    });

    it.each<[Behaviour, string, (answer: SubmitAnswer) => boolean]>([
      ['accept', 'accepted', (answer) => answer.kind === 'accepted'],
      ['refuse', 'failed for good', (answer) => answer.kind === 'failed' && !retryable(answer)],
      ['throttle', 'throttled, or failed for a reason that passes', (answer) => answer.kind === 'throttled' || retryable(answer)],
      ['slow', 'in doubt, since nobody knows', (answer) => answer.kind === 'in-doubt'],
      [
        'unavailable',
        'anything but accepted or failed for good',
        (answer) => answer.kind !== 'accepted' && (answer.kind !== 'failed' || retryable(answer)),
      ],
      ['accept', 'accepted again once the provider is back', (answer) => answer.kind === 'accepted'],
    ])(
      'a provider that does "%s" is answered: %s',
      async (behaviour, _label, right) => {
        await rig.behave(behaviour);
        if (behaviour === 'accept') await bound(rig.driver);
        const started = performance.now();
        const answer = await rig.driver.submit(submission(subject), DEADLINE_MS);
        expect(answer).toSatisfy(right);
        expect(performance.now() - started).toBeLessThan(DEADLINE_MS + GRACE_MS);
      },
      30_000,
    );

    it('tells a link that answers from one that does not, with shares and without', async () => {
      const { driver } = rig;
      if (!driver.testLink) return;
      expect(await driver.testLink(DEADLINE_MS)).toMatchObject({ ok: true });
      await driver.setShares([]);
      expect(await driver.testLink(DEADLINE_MS)).toMatchObject({ ok: true });
      await rig.behave('unavailable');
      const { ok, code } = await driver.testLink(DEADLINE_MS);
      expect([ok, code.length > 0]).toEqual([false, true]);
      await rig.behave('accept');
      await driver.setShares([0, 1]);
      await bound(driver);
    }, 30_000);

    it('goes on after a change of shares, and is idle without any', async () => {
      await rig.driver.setShares([]);
      await rig.driver.setShares([1]);
      await bound(rig.driver);
      expect((await rig.driver.submit(submission(subject, 1), DEADLINE_MS)).kind).toBe('accepted');
    }, 30_000);
  });
}

function retryable(answer: SubmitAnswer): boolean {
  return answer.kind === 'failed' && FAILURE_REASONS[answer.reason].retryable;
}

async function bound(driver: RouteDriver): Promise<void> {
  const end = performance.now() + BIND_MS;
  while (!driver.bound()) {
    if (performance.now() > end) throw new Error('the route is not bound in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function submission(subject: ConformanceSubject, share = 0): Submission {
  sequence += 1;
  const message = { channel: 'any', language: 'fr', subject: 'Exercice', body: 'Exercice numéro {{ number }}' };
  return {
    deliveryId: `cmp_01JD0000000000000000000000.0.${sequence}.any`,
    n: 1,
    address: subject.address,
    rendered: subject.render(message, { number: String(sequence) }),
    tenantId: 'ten_01JD0000000000000000000000',
    campaignId: 'cmp_01JD0000000000000000000000',
    expiresAt: Date.now() + 3_600_000,
    smsSender: '',
    mailFrom: 'alerte@tocsin.invalid',
    tenantName: 'Ville',
    purpose: 'alert',
    addressHash: Buffer.alloc(16, sequence),
    possibleDuplicate: false,
    share,
  };
}
