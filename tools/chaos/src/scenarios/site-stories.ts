import { setTimeout as wait } from 'node:timers/promises';
import { plainValue, scrape } from '../faults/metrics-text.js';
import type { Target } from '../target/target.js';
import { siteScenario } from './site-story.js';

const SITE = 'A';
const LOOK_MS = 500;
/** A site that is back has read what happened, joined its groups and bound its routes within this, ms. */
const SENDS_AGAIN_DEADLINE_MS = 120_000;

/** kill -9 of a site's broker and all its services at once; it is started again after the time given, without anybody's doing. */
const siteKilled = siteScenario({
  name: 'site-killed',
  says: 'a whole site (its broker and all its services) is killed during a send and comes back by itself: nothing lost',
  async act({ target, lastsMs, say }) {
    const names = processesOf(target);
    for (const name of names) target.kill(name, lastsMs);
    say(`Site ${SITE} was killed: ${names.join(', ')}.`);
    await wait(lastsMs);
    const sendsAgainMs = await sendsAgain(target, 'channel-sms');
    say(`Site ${SITE} sends again ${sendsAgainMs ?? '(not)'} ms after it was started.`);
    return { site: SITE, sendsAgainMs };
  },
});

function linkStory(name: string, link: string, says: string) {
  return siteScenario({
    name,
    says,
    async act({ target, lastsMs, say }) {
      await target.links?.cut(link);
      say(`${link} is cut.`);
      await wait(lastsMs);
      await target.links?.heal(link);
      say(`${link} is healed.`);
      return { link };
    },
  });
}

export const SITE_SCENARIOS = [
  siteKilled,
  linkStory('link-cut', 'A-B', 'the link between the sites is cut and healed: nothing lost, nobody handed over by both'),
  linkStory('store-cut', 'A-database', 'a site is cut off from the database and joined again: nothing lost, nobody handed over by both'),
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
    const text = await scrape(http);
    const attempts = text.split('\n').filter((line) => line.startsWith('tocsin_channel_attempts_total{'));
    if (attempts.some((line) => Number(line.slice(line.lastIndexOf(' ') + 1)) > 0)) return Date.now() - from;
    await wait(LOOK_MS);
  }
  return plainValue(await scrape(http), 'tocsin_ready') === undefined ? undefined : SENDS_AGAIN_DEADLINE_MS;
}
