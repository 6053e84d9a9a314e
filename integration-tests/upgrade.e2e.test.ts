import { repositoryRoot } from '@tocsin/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, newMunicipality, readyCampaign, registerOf, type Municipality } from './municipality.js';
import { accepted, outcomeOf, slowTo } from './outcome.js';
import { buildLastRelease, lastReleaseCommit } from './upgrade/last-release.js';
import { startMixedStack, type MixedStack, type Release } from './upgrade/mixed-stack.js';

/** Residents, each in every campaign; more campaigns at once than travel in records of their own (libs/contracts/src/bundles.ts). */
const RESIDENTS = 150;
const CAMPAIGNS = 12;
/** SMS a second the stand-in takes while everything is exchanged: a send would last three minutes; afterwards it is let go. */
const RATE = 10;
const RATE_AFTERWARDS = 500;
/** Those that read come before those that write (docs/upgrade.md). */
const ORDER = ['tenants', 'subscribers', 'campaigns', 'deliveries', 'routing', 'channel-sms', 'channel-email', 'gateway'];

/** Those whose records have a new form. */
const WRITERS = ['routing', 'channel-sms', 'channel-email'];

const commit = lastReleaseCommit();

describe.skipIf(commit === undefined)(
  commit === undefined
    ? 'the history of the last release is not in this clone: nothing to upgrade from'
    : 'G30: the last release and this one side by side',
  () => {
    let last: Release;
    const beside: Release = { root: repositoryRoot(), env: { TOCSIN_RECORDS: '0.1' } };
    const present: Release = { root: repositoryRoot(), env: {} };
    let stack: MixedStack;
    let town: Municipality;

    beforeAll(async () => {
      last = { root: buildLastRelease(commit ?? ''), env: {} };
      stack = await startMixedStack(last, ['routing', 'deliveries', 'channel-sms']);
      town = await newMunicipality(stack, 'Mairie de Saint-Relais');
      jsonOf(await stack.cli(['register', 'import', registerOf(RESIDENTS), '--json'], town.author));
      await slowTo(stack, RATE);
    }, 400_000);
    afterAll(async () => await stack.stop(), 120_000);

    it('is brought in one process after the other in the middle of a send, and taken back in the next one', async () => {
      await send(async () => await exchange(ORDER, beside));
      await send(async () => await exchange(ORDER.toReversed(), last));
    }, 600_000);

    it('is brought in again and then writes records of its own form, while it sends', async () => {
      await send(async () => {
        await exchange(ORDER, beside);
        await exchange(WRITERS, present);
      });
    }, 600_000);

    /** Releases the campaigns, does something in the middle, and looks at what came of them: nobody lost, nobody twice, nothing that somebody could not read. */
    async function send(inTheMiddle: () => Promise<void>): Promise<void> {
      const ids: string[] = [];
      for (let n = 0; n < CAMPAIGNS; n++) ids.push(await readyCampaign(stack, town, `Exercice ${n}.`));
      for (const id of ids) jsonOf(await stack.cli(['campaign', 'release', id, '--json'], town.author));
      await inTheMiddle();
      const left = ids.filter((id) => accepted(stack, id) < RESIDENTS).length;
      await slowTo(stack, RATE_AFTERWARDS);
      expect(left, 'campaigns that were still being sent at the end of the exchange').toBeGreaterThan(0);
      for (const id of ids) {
        expect(await outcomeOf(stack, town, id)).toMatchObject({
          unaccounted: 0,
          reached: RESIDENTS,
          twice: [],
          tally: { terminal: RESIDENTS, failed: 0 },
        });
      }
      expect(await stack.deadLetters()).toEqual([]);
      await slowTo(stack, RATE);
    }

    async function exchange(order: readonly string[], release: Release): Promise<void> {
      for (const service of order) {
        for (const name of stack.names.filter((found) => found.replace(/-\d+$/, '') === service)) await stack.exchange(name, release);
      }
    }
  },
);
