import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, newMunicipality, readyCampaign, registerOf, type Municipality } from './municipality.js';
import { startStack, type RunningStack } from './stack.js';

const RESIDENTS = 600;
/** SMS a second of the stand-in: the original takes fifteen seconds and is corrected in the middle of it. */
const RATE = 40;
const TOLD = 160;
const ENDS_WITHIN_MS = 120_000;

interface Shown {
  readonly campaignId: string;
  readonly state: string;
  readonly tally?: { readonly recipients: number; readonly terminal: number };
}

describe('G22: a correction', () => {
  let stack: RunningStack;
  let town: Municipality;

  beforeAll(async () => {
    stack = await startStack({ TOCSIN_CHANNEL_SMS_RATE: String(RATE) });
    town = await newMunicipality(stack, 'Mairie de Saint-Fictif');
    jsonOf(await stack.cli(['register', 'import', registerOf(RESIDENTS), '--json'], town.author));
  }, 240_000);
  afterAll(async () => await stack.stop(), 120_000);

  it(
    'closes its original and reaches exactly those whom that was submitted to, each after it, nobody else and nobody twice',
    async () => {
      const original = await readyCampaign(stack, town, 'Coupez l’eau.');
      const early = await draft(original);
      expect((await stack.cli(['campaign', 'preview', early, '--json'], town.author)).stderr).toContain('ORIGINAL_NOT_RELEASED');

      jsonOf(await stack.cli(['campaign', 'release', original, '--json'], town.author));
      await until(async () => sent(original).length >= TOLD);
      jsonOf(await stack.cli(['campaign', 'preview', early, '--json'], town.author));
      jsonOf(await stack.cli(['campaign', 'approve', early, '--json'], town.approver));
      const released = Date.now();
      jsonOf(await stack.cli(['campaign', 'release', early, '--json'], town.author));
      expect(await shown(original)).toMatchObject({ state: 'stopped' });
      await until(async () => (await shown(early)).state === 'finished');

      const told = new Map(sent(original).map(({ to, at }) => [to, at]));
      const corrected = new Map(sent(early).map(({ to, at }) => [to, at]));
      expect(told.size).toBeGreaterThanOrEqual(TOLD);
      expect(told.size).toBeLessThan(RESIDENTS);
      expect([...corrected.keys()].toSorted()).toEqual([...told.keys()].toSorted());
      expect(sent(early)).toHaveLength(corrected.size);
      expect([...told].filter(([to, at]) => (corrected.get(to) ?? 0) < at)).toEqual([]);
      // By mail too, to those whom the original was mailed.
      const mailed = (id: string): string[] =>
        stack.ledger('email').flatMap(({ deliveryId, to }) => (deliveryId.startsWith(id) ? [to] : []));
      expect(mailed(early).toSorted()).toEqual([...new Set(mailed(original))].toSorted());
      process.stderr.write(`first correction ${Math.min(...corrected.values()) - released} ms after its release was called\n`);
    },
    ENDS_WITHIN_MS * 2,
  );

  it('says nothing of its own about whom and when, and is no alert', async () => {
    const made = await stack.cli(
      [...content('cmp_00000000000000000000000000'), '--type', 'alert', '--everyone', '--at', '+1h', '--json'],
      town.author,
    );
    expect(made.code).not.toBe(0);
    for (const field of ['content.type', 'content.audience', 'content.scheduled_at']) expect(made.stderr + made.stdout).toContain(field);
  });

  const content = (original: string): string[] =>
    ['campaign', 'create', '--title', 'Rectificatif', '--lane', 'urgent', '--corrects', original, '--message', 'sms=Ne coupez pas l’eau.', '--message', 'email=Ne coupez pas l’eau.', '--subject', 'email=Rectificatif', '--expires', '+2h']; // prettier-ignore

  async function draft(original: string): Promise<string> {
    return (jsonOf(await stack.cli([...content(original), '--type', 'cancel', '--json'], town.author))['campaign'] as Shown).campaignId;
  }

  const sent = (id: string) => stack.ledger('sms').filter(({ deliveryId }) => deliveryId.startsWith(id));

  async function shown(id: string): Promise<Shown> {
    return jsonOf(await stack.cli(['campaign', 'show', id, '--json'], town.author))['campaign'] as Shown;
  }

  async function until(what: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + ENDS_WITHIN_MS;
    while (!(await what())) {
      if (Date.now() > end) throw new Error('it did not come to pass');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
});
