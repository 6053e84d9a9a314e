import { setTimeout as wait } from 'node:timers/promises';
import { scrape } from '../../../stack/dist/job/read-gauge.js';
import type { Target } from '../target/target.js';
import { siteScenario, type StoryStep } from './site-story.js';

const SITE = 'A';
const LOOK_MS = 500;
/** A site that is back has read what happened, joined its groups and bound its routes within this, ms. */
const SENDS_AGAIN_DEADLINE_MS = 120_000;
const FLAPS = 10;
const FEW_FLAPS = 5;
const FLAP_CUT_MS = 3_000;
const FLAP_HEALED_MS = 1_500;
/** The platform before it has epoch 1. */
const FIRST_PROMOTION = 2;
/** Between two parts of the short story, ms: what the first one took away is taken up again. */
const BETWEEN_MS = 8_000;

type Told = Readonly<Record<string, unknown>>;

/** kill -9 of a site's broker and all its services at once; it is started again after the time given, without anybody's doing. */
async function killSite({ target, lastsMs, say }: StoryStep): Promise<Told> {
  const names = processesOf(target);
  for (const name of names) target.kill(name, lastsMs);
  say(`Site ${SITE} was killed: ${names.join(', ')}.`);
  await wait(lastsMs);
  const sendsAgainMs = await sendsAgain(target, 'channel-sms');
  say(`Site ${SITE} sends again ${sendsAgainMs ?? '(not)'} ms after it was started.`);
  return { site: SITE, sendsAgainMs };
}

async function cutLink({ target, lastsMs, say }: StoryStep, link: string): Promise<Told> {
  await target.links?.cut(link);
  say(`${link} is cut.`);
  await wait(lastsMs);
  await target.links?.heal(link);
  say(`${link} is healed.`);
  return { link };
}

async function flapLink({ target, say }: StoryStep, link: string, flaps = FLAPS): Promise<Told> {
  say(`${link} is cut ${flaps} times for ${FLAP_CUT_MS} ms.`);
  for (let turn = 0; turn < flaps; turn += 1) {
    await target.links?.cut(link);
    await wait(FLAP_CUT_MS);
    await target.links?.heal(link);
    await wait(FLAP_HEALED_MS);
  }
  return { link, flaps };
}

/** As before maintenance: drained, away for the time given, and given back. */
async function drainAndReturn({ target, lastsMs, say }: StoryStep): Promise<Told> {
  const { maintenance } = target;
  if (maintenance === undefined) throw new Error('this target has no site that can be drained: run with --target sites');
  const begun = Date.now();
  await maintenance.drain(SITE);
  const drainMs = Date.now() - begun;
  say(`Site ${SITE} is drained after ${drainMs} ms.`);
  await wait(lastsMs);
  const returning = Date.now();
  await maintenance.giveBack(SITE);
  const returnMs = Date.now() - returning;
  say(`Site ${SITE} is back after ${returnMs} ms.`);
  return { site: SITE, drainMs, returnMs };
}

/** The other site and the witness's broker are lost for good; after the time given a person promotes the one that is left. */
async function promote({ target, lastsMs, say }: StoryStep): Promise<Told> {
  const { maintenance } = target;
  if (maintenance === undefined) throw new Error('this target has no site that can be promoted: run with --target sites');
  await maintenance.loseAllBut(SITE);
  say(`All but site ${SITE} is lost.`);
  await wait(lastsMs);
  const begun = Date.now();
  await maintenance.promote(SITE, FIRST_PROMOTION);
  const promoteMs = Date.now() - begun;
  say(`Site ${SITE} is promoted after ${promoteMs} ms.`);
  return { site: SITE, promoteMs };
}

export const SITE_SCENARIOS = [
  siteScenario({
    name: 'site-killed',
    says: 'a whole site (its broker and all its services) is killed during a send and comes back by itself: nothing lost',
    act: killSite,
  }),
  siteScenario({
    name: 'link-cut',
    says: 'the link between the sites is cut and healed: nothing lost, nobody handed over by both',
    act: (step) => cutLink(step, 'A-B'),
  }),
  siteScenario({
    name: 'link-flapped',
    says: 'the link between the sites is cut ten times for 3 s: nothing lost, nobody handed over by both',
    act: (step) => flapLink(step, 'A-B'),
  }),
  siteScenario({
    name: 'store-cut',
    says: 'a site is cut off from the database and joined again: nothing lost, nobody handed over by both',
    act: (step) => cutLink(step, 'A-database'),
  }),
  siteScenario({
    name: 'links-cut',
    says: 'the link between the sites is cut, then a site is cut off from the database: nothing lost, nobody handed over by both',
    async act(step) {
      const sites = await cutLink(step, 'A-B');
      await wait(BETWEEN_MS);
      return { parts: [sites, await cutLink(step, 'A-database')] };
    },
  }),
  siteScenario({
    name: 'site-drained',
    says: 'a site is drained for maintenance and given back: nothing lost, nothing twice',
    clean: true,
    act: drainAndReturn,
  }),
  siteScenario({
    name: 'site-promoted',
    says: 'a site and the witness are lost for good, and the site that is left is promoted by hand: nothing lost',
    act: promote,
  }),
  siteScenario({
    name: 'sites-short',
    says: 'a flapping link, a site cut off from the database and a site killed, one after the other in one short send',
    async act(step) {
      const flapped = await flapLink(step, 'A-B', FEW_FLAPS);
      await wait(BETWEEN_MS);
      const cut = await cutLink(step, 'A-database');
      await wait(BETWEEN_MS);
      const killed = await killSite(step);
      return { ...killed, parts: [flapped, cut, killed] };
    },
  }),
];

function processesOf(target: Target): readonly string[] {
  return target
    .processes()
    .filter(({ site }) => site === SITE)
    .map(({ name }) => name);
}

/** ms until an instance has recorded attempts of its new life. */
async function sendsAgain(target: Target, name: string): Promise<number | undefined> {
  const from = Date.now();
  const http = target.processes().find((process) => process.name === name)?.http ?? '';
  while (Date.now() < from + SENDS_AGAIN_DEADLINE_MS) {
    const attempts = (await scrape(http)).split('\n').filter((line) => line.startsWith('tocsin_channel_attempts_total{'));
    if (attempts.some((line) => Number(line.slice(line.lastIndexOf(' ') + 1)) > 0)) return Date.now() - from;
    await wait(LOOK_MS);
  }
  return undefined;
}
