import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createObservability } from '@tocsin/observability';
import { Partner } from '../../stack/dist/job/partner.js';
import { sideBySide } from '../../stack/dist/job/side-by-side.js';
import { InDoubtWatch } from './faults/in-doubt-watch.js';
import { Injector } from './faults/injector.js';
import type { ChaosOptions } from './options.js';
import { judgeCampaign, type Verdict } from './oracle/judge-campaign.js';
import { OracleLedger } from './oracle/oracle-ledger.js';
import { readReport } from './oracle/read-report.js';
import { planChaos, type ChaosPlan } from './plan/chaos-plan.js';
import { makeResult } from './result.js';
import type { Target } from './target/target.js';
import type { CampaignLog } from './world/campaign-log.js';
import { driveCampaign } from './world/drive-campaign.js';
import { persist, type CallTroubles } from './world/persist.js';
import { TallyWatch } from './world/tally-watch.js';
import { createTenant, type ChaosTenant } from './world/tenant.js';
import { untilQuiet } from './world/until-quiet.js';

/** Tenants set up at once. */
const SIDE_BY_SIDE = 6;
/** Campaigns whose report is read at once. */
const JUDGED_AT_ONCE = 3;
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
export async function runChaos(run: ChaosRun): Promise<ReturnType<typeof makeResult>> {
  const { options, target, say } = run;
  const plan = makePlan(run);
  mkdirSync(dirname(run.planFile), { recursive: true });
  writeFileSync(run.planFile, JSON.stringify(plan, null, 1));
  say(`Seed ${options.seed}: ${plan.faults.length} faults and ${plan.campaigns.length} campaigns planned, see ${run.planFile}.`);
  await target.start();
  const grpc = createObservability({ service: 'chaos', instanceId: `chaos-${process.pid}`, logLevel: 'error' });
  const address = target.gateways.join(',');
  const admin = new Partner(address, await target.adminKey(), grpc);
  let number = 0;
  const wanted = plan.tenants.map((planned) => ({ planned, first: (number += planned.contacts) - planned.contacts }));
  const tenants = await sideBySide(wanted, SIDE_BY_SIDE, ({ planned, first }) => createTenant(planned, first, { admin, address, grpc }));
  say(`${tenants.length} tenants with ${number} contacts; the first release follows.`);

  const logs: CampaignLog[] = [];
  const troubles: CallTroubles = { failed: new Map() };
  const unreleased: string[] = [];
  const doubt = new InDoubtWatch(target);
  const tallies = new TallyWatch(tenants, logs);
  const injector = new Injector({ target, doubt, say });
  doubt.start();
  tallies.start();
  const begun = Date.now() + BEGIN_AFTER_MS;
  await Promise.all([
    injector.run(plan.faults, begun),
    ...plan.campaigns.map(async (planned) => {
      const tenant = tenants[planned.tenant];
      if (tenant === undefined) return;
      await driveCampaign(planned, tenant, begun, troubles, (log) => logs.push(log)).catch((failure: unknown) =>
        unreleased.push(`${planned.index}: ${String(failure)}`),
      );
    }),
  ]);
  doubt.stop();
  say(`${injector.logs.length} faults are over, ${logs.length} campaigns released.`);
  const open = await untilQuiet(tenants, logs, QUIET_DEADLINE_MS, say);
  tallies.stop();
  if (open.length > 0) say(`Not over: ${open.map(({ campaignId }) => campaignId).join(', ')}.`);

  const oracle = new OracleLedger();
  for (const channel of ['sms', 'email']) oracle.readFile(channel, target.ledger(channel));
  const verdicts = await judge(tenants, logs, oracle, troubles, say);
  const known = new Set(logs.map(({ campaignId }) => campaignId));
  admin.close();
  return makeResult({
    seed: options.seed,
    minutes: options.minutes,
    ground: target.ground,
    faults: injector.logs,
    kinds: kindsHad(run).map(({ name }) => name),
    campaigns: logs,
    verdicts,
    firstSms: new Map(logs.map(({ campaignId }) => [campaignId, oracle.of(campaignId).firstSms])),
    sms: oracle.sms,
    submissions: oracle.total,
    unknownCampaigns: oracle.campaigns().filter((id) => !known.has(id)).length,
    unreleased,
    tallies,
    failedCalls: troubles.failed,
  });
}

export function kindsHad({ options, target }: Pick<ChaosRun, 'options' | 'target'>): ChaosOptions['kinds'] {
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

async function judge(
  tenants: readonly ChaosTenant[],
  logs: readonly CampaignLog[],
  oracle: OracleLedger,
  troubles: CallTroubles,
  say: (line: string) => void,
): Promise<ReadonlyMap<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  await sideBySide(logs, JUDGED_AT_ONCE, async (log) => {
    const tenant = tenants[log.planned.tenant];
    if (tenant === undefined) return;
    const report = await persist(() => readReport(tenant.agent, log.tenantId, log.campaignId), troubles);
    const { planned, numbers, expiresAt, stoppedAt, campaignId } = log;
    const verdict = judgeCampaign(
      { numbers, channels: planned.channels, mode: planned.mode, expiresAt, stoppedAt },
      oracle.of(campaignId),
      report,
    );
    verdicts.set(campaignId, verdict);
    for (const example of verdict.examples)
      say(`${campaignId} (${planned.index}, ${planned.lane}, ${planned.mode}, ${planned.act.kind}): ${example}.`);
  });
  return verdicts;
}
