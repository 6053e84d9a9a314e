import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InDoubtWatch } from './faults/in-doubt-watch.js';
import { Injector } from './faults/injector.js';
import type { ChaosOptions } from './options.js';
import { planChaos, type ChaosPlan } from './plan/chaos-plan.js';
import { makeResult, type ChaosResult } from './result.js';
import type { Target } from './target/target.js';
import { ChaosWorld } from './world/chaos-world.js';
import { TallyWatch } from './world/tally-watch.js';

/** From the end of set-up to the first release, ms: the first campaigns are drafted meanwhile. */
const BEGIN_AFTER_MS = 7_000;
/** From the last fault to the end of every campaign, ms: what could not be sent meanwhile, the longest retries and the receipts' time-out. */
const QUIET_DEADLINE_MS = 15 * 60_000;

export interface ChaosRun {
  readonly options: ChaosOptions;
  readonly target: Target;
  /** Where the plan of the run is written. */
  readonly planFile: string;
  readonly say: (line: string) => void;
}

/** One random run from an empty stack to its judgement; answers the result. */
export async function runChaos(run: ChaosRun): Promise<ChaosResult> {
  const { options, target, say } = run;
  const plan = makePlan(run);
  mkdirSync(dirname(run.planFile), { recursive: true });
  writeFileSync(run.planFile, JSON.stringify(plan, null, 1));
  say(`Seed ${options.seed}: ${plan.faults.length} faults and ${plan.campaigns.length} campaigns planned, see ${run.planFile}.`);
  await target.start();
  const world = await ChaosWorld.open(target, plan.tenants, say);
  const doubt = new InDoubtWatch(target);
  const tallies = new TallyWatch(world.tenants, world.logs);
  const injector = new Injector({ target, doubt, say });
  doubt.start();
  tallies.start();
  const begun = Date.now() + BEGIN_AFTER_MS;
  await Promise.all([injector.run(plan.faults, begun), ...plan.campaigns.map((planned) => world.drive(planned, begun))]);
  doubt.stop();
  say(`${injector.logs.length} faults are over, ${world.logs.length} campaigns released.`);
  await world.quiet(QUIET_DEADLINE_MS);
  tallies.stop();
  const { verdicts, oracle, unknownCampaigns } = await world.judge();
  return makeResult({
    seed: options.seed,
    minutes: options.minutes,
    ground: target.ground,
    faults: injector.logs,
    kinds: kindsHad(run).map(({ name }) => name),
    campaigns: world.logs,
    verdicts,
    firstSms: new Map(world.logs.map(({ campaignId }) => [campaignId, oracle.of(campaignId).firstSms])),
    sms: oracle.sms,
    submissions: oracle.total,
    unknownCampaigns,
    unreleased: world.unreleased,
    tallies,
    failedCalls: world.troubles.failed,
  });
}

/** Of the kinds wanted, those the target is able to have. */
function kindsHad({ options, target }: ChaosRun): ChaosOptions['kinds'] {
  return options.kinds.filter(({ needs }) => target.abilities.has(needs));
}

function makePlan(run: ChaosRun): ChaosPlan {
  const { options, target } = run;
  return planChaos({
    seed: options.seed,
    kinds: kindsHad(run),
    subjects: target.subjects,
    load: { runMs: options.minutes * 60_000, smsRate: options.rate, cityContacts: options.cityContacts },
    faultCount: options.faults,
  });
}
