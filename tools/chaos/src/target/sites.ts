import { join } from 'node:path';
import {
  LINK_ENDS,
  LINK_NAMES,
  RACKS,
  SITE_NAMES,
  isLinkName,
  type LinkName,
  type PlaceName,
  type SiteName,
} from '../../../stack/dist/sites/links.js';
import { brokerName, STORE_NAME } from '../../../stack/dist/sites/sites-ground.js';
import { SitesStack } from '../../../stack/dist/sites/sites-stack.js';
import { isInRoom } from '../room/private-room.js';
import { Clocks } from './clocks.js';
import { SmallDisks } from './small-disks.js';
import { CHANNEL_INSTANCES, INSTANCES, StackTarget } from './stack-target.js';
import { chaosEnv, chaosPaths, diskSizes, type TargetOptions } from './target-options.js';
import type { LinkControl } from './target.js';

/** A slow link lets so much through, kilobits a second: its queue is then some hundred ms long. */
const NARROW_KILOBITS = { from: 2_000, to: 8_000 } as const;

/** Two sites and a witness: every service once at each site, three brokers on three racks, the store at the witness. */
export function sites(options: TargetOptions): StackTarget {
  const paths = chaosPaths(options.tree);
  const clocks = Clocks.library === undefined ? undefined : new Clocks(join(paths.state, 'clocks'));
  const events = { progress: options.say, broken: options.broken };
  const stack = new SitesStack(paths, chaosEnv(), events, (name) => clocks?.env(name) ?? {});
  const sizes = diskSizes(options.minutes, 1);
  const disk = (name: string, folder: string, mebibytes: number) => ({ name, folder: join(paths.groundData, folder), mebibytes });
  return new StackTarget({
    kind: 'sites',
    supervisor: stack.supervisor,
    sites: ['A', 'B'],
    groundAt: (name) => stack.groundAt(name),
    siteOfGround: (name) => RACKS.find((rack) => brokerName(rack) === name) ?? 'W',
    subjects: {
      'any-service': INSTANCES,
      channel: CHANNEL_INSTANCES,
      site: ['A', 'B'],
      broker: RACKS.map(brokerName),
      store: [STORE_NAME],
      provider: ['sms', 'sms', 'email'],
      'sms-provider': ['sms'],
      'clocked-service': INSTANCES,
      link: [...LINK_NAMES],
    },
    links: new SiteLinks(stack),
    maintenance: {
      drain: (site) => stack.drainSite(knownSite(site)),
      giveBack: (site) => stack.returnSite(knownSite(site)),
      loseAllBut: (site) => stack.loseForGood(RACKS.filter((rack) => rack !== site)),
      promote: (site, epoch) => stack.promoteSite(knownSite(site), epoch),
    },
    clocks,
    disks: isInRoom()
      ? {
          control: new SmallDisks(),
          wanted: [...RACKS.map((rack) => disk(brokerName(rack), brokerName(rack), sizes.broker)), disk(STORE_NAME, 'store', sizes.store)],
        }
      : undefined,
  });
}

/** A link is cut between its two ends; it is made slow at its end that is a site. */
class SiteLinks implements LinkControl {
  readonly #slow = new Map<string, PlaceName>();

  constructor(private readonly stack: SitesStack) {}

  cut(link: string): Promise<void> {
    return this.stack.cut(known(link));
  }

  async slow(link: string, strength: number): Promise<void> {
    const place = LINK_ENDS[known(link)].from;
    this.#slow.set(link, place);
    const { from, to } = NARROW_KILOBITS;
    await this.stack.narrow(place, Math.round(to + (from - to) * strength));
  }

  async heal(link: string): Promise<void> {
    const place = this.#slow.get(link);
    if (place === undefined) return this.stack.heal(known(link));
    this.#slow.delete(link);
    await this.stack.widen(place);
  }

  healAll(): Promise<void> {
    return this.stack.healAll();
  }
}

function known(link: string): LinkName {
  if (!isLinkName(link)) throw new Error(`there is no link "${link}"`);
  return link;
}

function knownSite(site: string): SiteName {
  const known = SITE_NAMES.find((name) => name === site);
  if (known === undefined) throw new Error(`there is no site "${site}"`);
  return known;
}
