import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import { Status } from '@tocsin/contracts/common/v1/common';
import { TocsinError } from '@tocsin/errors';
import type { GrpcDeps } from '@tocsin/grpc';
import { waitUntil } from '@tocsin/testing';
import type { JoinedLedgers } from '../ledger/join.js';
import { ledgerFile } from '../stack/process-plan.js';
import { alertContent } from './alert-content.js';
import { startBoard, type BoardRow } from './board.js';
import { openAgents } from './demo-agents.js';
import type { DemoInput } from './demo-input.js';
import type { DemoTenant } from './demo-tenant.js';
import { startKillLoop, type KillLoop } from './kill-loop.js';
import { markedDuplicates } from './marked-duplicates.js';
import type { PartnerState } from './partner-state.js';
import {
  approveCampaign,
  draftCampaign,
  previewCampaign,
  releaseCampaign,
  type Agents,
  type PreparedCampaign,
} from './prepare-campaign.js';
import { demoTenants } from './read-manifest.js';
import { planReleases, type ActualRelease, type Rates } from './release-plan.js';
import { completionSeconds, findBroken, makeResult, type RunFacts } from './result.js';
import type { DemoOptions } from './run-demo.js';
import { runTool } from './run-tool.js';
import { sideBySide } from './side-by-side.js';
import { stopUnfinished } from './stop-unfinished.js';
import { watchCampaign } from './watch-campaign.js';

/** Previews walk registers: two at a time leave the store time for the rest. */
const SIDE_BY_SIDE = 3;
/** A STOP passes one topic and one document; thousands at once take some seconds. */
const STOPS_HOLD_DEADLINE_MS = 60_000;
const JOIN_DEADLINE_MS = 60_000;

export interface AlertsOptions extends DemoOptions {
  readonly address: string;
  readonly deps: GrpcDeps;
  readonly state: PartnerState;
  readonly runId: string;
  /** Channels of every campaign, in order of preference. */
  readonly channels: readonly string[];
  readonly input: DemoInput;
  readonly importSeconds: number;
}

interface Alert {
  readonly tenant: DemoTenant;
  readonly agents: Agents;
  readonly draft: PreparedCampaign;
  readonly row: BoardRow;
}

/** Drafts, previews, approves and releases every campaign, watches all to the end, and prints the result; answers the exit code. */
export async function runAlerts(options: AlertsOptions): Promise<number> {
  const { say, supervisor } = options;
  const tenants = demoTenants(options.input.tenants);
  const rates: Rates = Object.fromEntries(
    supervisor.channels.flatMap(({ channel, standIn }) => (standIn === undefined ? [] : [[channel, standIn.ratePerSecond]])),
  );
  const left = (await sideBySide(tenants, SIDE_BY_SIDE, (tenant) => endEarlier(options, tenant))).reduce((sum, count) => sum + count, 0);
  if (left > 0) say(`${left} campaigns of an interrupted run were stopped.`);
  const alerts = await sideBySide(tenants, SIDE_BY_SIDE, (tenant) => prepare(options, tenant));
  say(`${alerts.length} campaigns drafted, previewed and approved by a second person.`);
  const since = Date.now();
  const killing = options.options.kill ? startKills(options) : undefined;
  const board = startBoard(
    alerts.map(({ row }) => row),
    process.stderr,
  );
  const releases: ActualRelease[] = [];
  const campaigns = new Map<string, Campaign>();
  try {
    await Promise.all(
      planReleases(tenants, rates, options.options.seed).map(async ({ tenant, afterMs }) => {
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, since + afterMs - Date.now())));
        const alert = alerts.find((prepared) => prepared.tenant.insee === tenant.insee);
        if (alert === undefined) throw new Error(`${tenant.name} has no campaign`);
        const at = await releaseCampaign(alert.agents, alert.draft);
        releases.push({ insee: tenant.insee, at, deliveries: tenant.deliveries });
        alert.row.releasedAt = at;
        campaigns.set(tenant.insee, await follow(alert));
      }),
    );
  } finally {
    killing?.stop();
    board.stop();
  }
  const joined = await joinLedgers(options, since);
  const facts: RunFacts = {
    ground: [supervisor.ground.kind, ...Object.values(supervisor.ground.versions)].join(', '),
    tenants,
    rates,
    releases,
    campaigns,
    joined,
    seconds: { ground: options.groundSeconds, import: options.importSeconds },
    rssMiB: servicePeaks(options),
    kill: killing === undefined ? undefined : { kills: killing.kills, ...(await countMarked(alerts, joined)) },
  };
  return conclude(options, facts);
}

async function endEarlier(options: AlertsOptions, tenant: DemoTenant): Promise<number> {
  const { tenantId, author, approver } = agentsOf(options, tenant);
  try {
    return await stopUnfinished(author, tenantId);
  } finally {
    author.close();
    approver.close();
  }
}

function agentsOf(options: AlertsOptions, tenant: DemoTenant): Agents {
  const known = options.state.tenant(tenant.key);
  if (known === undefined) throw new Error(`${tenant.name} has not been set up`);
  return openAgents(options.address, known, options.deps);
}

async function prepare(options: AlertsOptions, tenant: DemoTenant): Promise<Alert> {
  const agents = agentsOf(options, tenant);
  const content = alertContent({
    title: `Alerte crue, ${tenant.name}`,
    now: Date.now(),
    status: Status.ACTUAL,
    channels: options.channels,
  });
  let draft = await draftCampaign(agents, `demo-${options.runId}-${tenant.insee}`, content);
  if (draft.preview.recipients !== tenant.recipients) {
    await waitUntil(
      `the STOPs of ${tenant.name} to hold`,
      async () => {
        draft = await previewCampaign(agents.author, agents.tenantId, draft.campaignId);
        return draft.preview.recipients === tenant.recipients;
      },
      STOPS_HOLD_DEADLINE_MS,
    ).catch((failure: unknown) => {
      const sentence = `The preview of ${tenant.name} counts ${draft.preview.recipients} recipients; the generator says ${tenant.recipients}.`;
      throw new TocsinError('FAILED_PRECONDITION', 'PREVIEW_DIFFERS', sentence, { cause: failure });
    });
  }
  await approveCampaign(agents, draft);
  agents.approver.close();
  const row: BoardRow = { name: tenant.name, expected: tenant.recipients, tally: undefined, releasedAt: 0, finishedAt: 0 };
  return { tenant, agents, draft, row };
}

async function follow({ agents, draft, row }: Alert): Promise<Campaign> {
  const ended = await watchCampaign(agents.author, agents.tenantId, draft.campaignId, (campaign) => {
    row.tally = campaign.tally;
  });
  row.finishedAt = Date.now();
  return ended;
}

function startKills({ supervisor, options, say }: AlertsOptions): KillLoop {
  return startKillLoop({
    services: supervisor.serviceNames(),
    seed: options.seed,
    httpPort: (service) => supervisor.httpPort(service),
    kill: (service) => supervisor.kill(service),
    say,
  });
}

/** By a program of its own that sees the stand-ins' files and the manifest only. */
async function joinLedgers({ supervisor, input }: AlertsOptions, since: number): Promise<JoinedLedgers> {
  const { paths } = supervisor;
  const ledgers = supervisor.channels
    .filter(({ standIn }) => standIn !== undefined)
    .flatMap((channel) => ['--ledger', `${channel.channel}=${ledgerFile(paths, channel)}`]);
  const script = join(paths.root, 'tools', 'stack', 'dist', 'join-ledgers.js');
  const output = await runTool(script, ['--manifest', input.manifestFile, '--since', String(since), ...ledgers], {}, JOIN_DEADLINE_MS);
  return JSON.parse(output) as JoinedLedgers;
}

async function countMarked(alerts: readonly Alert[], joined: JoinedLedgers): Promise<{ markedDuplicates: number; unmarked: number }> {
  const pages = await sideBySide(alerts, SIDE_BY_SIDE, ({ agents, draft }) =>
    markedDuplicates(agents.author, agents.tenantId, draft.campaignId),
  );
  const marked = new Set(pages.flat());
  return { markedDuplicates: marked.size, unmarked: joined.duplicateIds.filter((id) => !marked.has(id)).length };
}

function servicePeaks({ supervisor }: AlertsOptions): Record<string, number> {
  const usage = supervisor.usage();
  return Object.fromEntries(supervisor.serviceNames().map((name) => [name, Math.round(usage.get(name)?.peakRssMiB ?? 0)]));
}

/** Prints the result as the last line, and says what of the promise it breaks. */
function conclude({ supervisor, demoDir, print, say }: AlertsOptions, facts: RunFacts): number {
  const result = makeResult(facts);
  const broken = findBroken(result, facts);
  const record = {
    result,
    broken,
    completion: Object.fromEntries(completionSeconds(facts)),
    usage: Object.fromEntries(supervisor.usage()),
    kills: facts.kill?.kills,
    joined: facts.joined,
  };
  writeFileSync(join(demoDir, 'last-run.json'), JSON.stringify(record, null, 1));
  if (broken.length > 0) say(`The run does not hold what it must: ${broken.join(' ')}`);
  print(JSON.stringify(result));
  return broken.length === 0 ? 0 : 1;
}
