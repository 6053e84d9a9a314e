import { setTimeout as wait } from 'node:timers/promises';
import { InDoubtWatch } from '../faults/in-doubt-watch.js';
import { longestPause } from '../oracle/pauses.js';
import { latencies, recoveryOf } from '../oracle/recovery.js';
import type { ChaosResult } from '../result.js';
import type { Target } from '../target/target.js';
import { ChaosWorld } from '../world/chaos-world.js';
import { besideACity, CITY, keepSending } from './beside-a-city.js';
import { sumVerdicts, wrongs, type Scenario, type ScenarioRun } from './scenario.js';

/** The send is under way before the fault, ms. */
const LEAD_IN_MS = 25_000;
/** While a large city is planned and the runtimes are cold the machine gives less than the rate; what follows is compared with the rate after that, ms. */
const LARGE_LEAD_IN_MS = 75_000;
/** ms a city takes at the provider's rate from which on it is large. */
const LARGE_MS = 200_000;
/** A site that is lost is replaced within this, ms; from then on communes are served by the other alone. */
const TAKEN_OVER_MS = 30_000;
/** Looked at from the end of the fault on, ms. */
const AFTER_MS = 20_000;
const QUIET_DEADLINE_MS = 15 * 60_000;
const READY_DEADLINE_MS = 180_000;
const READY_LOOK_MS = 500;
/** Communes of so long before the fault are those before it, ms: neither of a cold start nor still on their way. */
const COMMUNES_BEFORE_MS = { from: 60_000, to: 5_000 } as const;
/** What the last look at the gauge and the fault have between them, ms. */
const BEFORE_MS = 2_200;

export interface StoryStep {
  readonly target: Target;
  readonly lastsMs: number;
  readonly say: (line: string) => void;
}

export interface SiteStory {
  readonly name: string;
  readonly says: string;
  /** Duplicates are forbidden: nothing dies in it. */
  readonly clean?: boolean;
  /** Does and undoes; what it answers goes into the result. */
  act(step: StoryStep): Promise<Readonly<Record<string, unknown>>>;
}

/** A scenario of two sites: a city and communes are sent to, something is done to a site or a link and undone, and all is judged. */
export function siteScenario(story: SiteStory): Scenario {
  return { name: story.name, says: `${story.says} (--target sites, --lasts seconds, --communes N)`, run: (run) => tell(story, run) };
}

async function tell(story: SiteStory, { options, target, say }: ScenarioRun): Promise<ChaosResult> {
  await target.start();
  const world = await ChaosWorld.open(target, besideACity(options.cityContacts, options.communes), say);
  const doubt = new InDoubtWatch(target);
  doubt.start();
  const over = new AbortController();
  const sending = keepSending(world, options.rate, options.cityContacts, over.signal, options.communes);
  await wait(options.cityContacts / options.rate > LARGE_MS / 1_000 ? LARGE_LEAD_IN_MS : LEAD_IN_MS);
  await doubt.look();
  const at = Date.now();
  const told = await story.act({ target, lastsMs: options.lastsSeconds * 1_000, say });
  const undoneAt = Date.now();
  const readyMs = await readyAgain(target);
  await wait(Math.max(0, undoneAt + AFTER_MS - Date.now()));
  const endedAt = Date.now();
  over.abort();
  await sending;
  doubt.stop();
  await world.quiet(QUIET_DEADLINE_MS);
  const { verdicts, oracle } = await world.judge();
  const sums = sumVerdicts(verdicts.values());
  const inDoubtSum = doubt.sum(
    target.processes().map(({ name }) => name),
    at - BEFORE_MS,
    endedAt,
  );
  const communes = world.logs
    .filter(({ planned }) => planned.tenant !== CITY)
    .map(({ campaignId, calledAt }) => ({
      calledAt,
      lastAt: oracle.of(campaignId).arrived.reduce((last, one) => Math.max(last, one), calledAt),
    }));
  const failedCalls = Object.fromEntries(world.troubles.failed);
  return {
    chaos: story.name,
    cityContacts: options.cityContacts,
    communes: options.communes,
    lastsSeconds: options.lastsSeconds,
    campaigns: world.logs.length,
    submissions: oracle.total,
    ...sums,
    inDoubtSum,
    ...recoveryOf(oracle.sms, at, at + options.lastsSeconds * 1_000),
    longestPauseMs: longestPause(oracle.sms, at, endedAt),
    communesMs: {
      before: latencies(communes, at - COMMUNES_BEFORE_MS.from, at - COMMUNES_BEFORE_MS.to),
      takingOver: latencies(communes, at, at + TAKEN_OVER_MS),
      onOneSite: latencies(communes, at + TAKEN_OVER_MS, undoneAt),
      after: latencies(communes, undoneAt, Number.POSITIVE_INFINITY),
    },
    readyAfterMs: readyMs,
    ...told,
    failedCalls,
    unreleased: world.unreleased,
    ground: target.ground,
    ok: wrongs(sums) === 0 && sums.duplicates <= (story.clean === true ? 0 : inDoubtSum) && world.unreleased.length === 0,
  };
}

/** ms until everything is ready again, looked for at most three minutes. */
async function readyAgain(target: Target): Promise<number> {
  const from = Date.now();
  while (Date.now() < from + READY_DEADLINE_MS && (await target.notReady()).length > 0) await wait(READY_LOOK_MS);
  return Date.now() - from;
}
