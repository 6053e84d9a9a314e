import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, newMunicipality, readyCampaign, registerOf, type Municipality, type TallyView } from './municipality.js';
import { startStack, type ProcessStack } from './stack.js';

const RESIDENTS = 40;
const DRAFTS = 12;
/** One moment for all: the same body under the same key. */
const EXPIRES = new Date(Date.now() + 7_200_000).toISOString();
const ENDS_WITHIN_MS = 120_000;

interface Shown {
  readonly campaignId: string;
  readonly state: string;
  readonly title: string;
  readonly approval?: { readonly contentHash: string };
  readonly tally?: TallyView;
}

describe('G3 and G4: whatever was answered OK is there after kill -9 of every process, broker and store included', () => {
  let stack: ProcessStack;
  let town: Municipality;

  beforeAll(async () => {
    stack = await startStack({ TOCSIN_GROUND: 'embedded' });
    town = await newMunicipality(stack, 'Mairie de Saint-Fictif');
    jsonOf(await stack.cli(['register', 'import', registerOf(RESIDENTS), '--json'], town.author));
  }, 240_000);
  afterAll(async () => await stack.stop(), 120_000);

  it(
    'creates, approvals, releases and stops answered before are as they were answered, and the same key is answered the same',
    async () => {
      const running = await readyCampaign(stack, town, 'Exercice.');
      const approved = await readyCampaign(stack, town, 'Exercice approuvé.');
      const stopped = await readyCampaign(stack, town, 'Exercice annulé.');
      const drafts = await Promise.all(Array.from({ length: DRAFTS }, (_, n) => draft(n)));
      jsonOf(await stack.cli(['campaign', 'stop', stopped, '--json'], town.author));
      // The last thing answered before everything dies: nothing of it has been sent yet.
      jsonOf(await stack.cli(['campaign', 'release', running, '--json'], town.author));
      await stack.crash();

      expect((await shown(running)).state).not.toBe('draft');
      expect(await shown(approved)).toMatchObject({ state: 'draft', approval: { contentHash: expect.any(String) as string } });
      expect(await shown(stopped)).toMatchObject({ state: 'stopped' });
      for (const [n, before] of drafts.entries()) {
        expect(await shown(before.campaignId)).toMatchObject({ state: 'draft', title: before.title });
        expect((await draft(n)).campaignId).toBe(before.campaignId);
      }
      const other = await stack.cli(draftArguments(0, 'Un autre titre'), town.author);
      expect(other.code).not.toBe(0);
      expect(other.stderr + other.stdout).toContain('IDEMPOTENCY_KEY_REUSED');

      const end = Date.now() + ENDS_WITHIN_MS;
      let campaign = await shown(running);
      for (; campaign.state !== 'finished'; campaign = await shown(running)) {
        if (Date.now() > end) throw new Error(`not finished: ${JSON.stringify(campaign.tally)}`);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
      expect(campaign.tally).toMatchObject({ recipients: RESIDENTS, terminal: RESIDENTS, failed: 0, expired: 0 });
      const reached = new Set(stack.ledger('sms').flatMap(({ deliveryId, to }) => (deliveryId.startsWith(running) ? [to] : [])));
      expect(reached.size).toBe(RESIDENTS);
    },
    ENDS_WITHIN_MS + 180_000,
  );

  function draftArguments(n: number, title = `Brouillon ${n}`): string[] {
    const message = ['--message', 'sms=Exercice.'];
    return ['campaign', 'create', '--idempotency-key', `draft-${n}`, '--title', title, '--lane', 'standard', '--everyone', ...message, '--expires', EXPIRES, '--json']; // prettier-ignore
  }

  async function draft(n: number): Promise<Shown> {
    return jsonOf(await stack.cli(draftArguments(n), town.author))['campaign'] as Shown;
  }

  async function shown(id: string): Promise<Shown> {
    return jsonOf(await stack.cli(['campaign', 'show', id, '--json'], town.author))['campaign'] as Shown;
  }
});
