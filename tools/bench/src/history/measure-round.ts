import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { CALL_DEADLINE_MS } from '../../../stack/dist/job/partner.js';
import { spentBy } from '../world/cpu.js';
import { prepareCampaign, releaseCampaign } from '../world/world-campaign.js';
import type { WorldTenant } from '../world/world-tenant.js';
import type { HistoryStack } from './history-stack.js';

/** ms of quiet after the services are ready: joining groups is not what is measured. */
const SETTLE_MS = 3_000;
/** ms an alert of one commune may take until its provider has all of it. */
const SENT_DEADLINE_MS = 30_000;
/** ms between two alerts, so that each meets an idle provider. */
const BETWEEN_MS = 150;
/** Campaigns of one page of the list: as many as each tenant has on either ground from the start. */
const LISTED = 1;

/** Campaigns whose reports are read. */
export interface Reported {
  readonly tenant: WorldTenant;
  readonly campaignId: string;
  readonly recipients: number;
}

export interface RoundPlan {
  /** Each sends one alert. */
  readonly communes: readonly WorldTenant[];
  /** Sends one campaign whose CPU is counted. */
  readonly city: WorldTenant;
  /** Sent before the grounds were parted: on both alike. */
  readonly reports: readonly Reported[];
  /** Campaigns of the past, none on the empty ground. */
  readonly pastReports: readonly Reported[];
}

/** Every sample in ms but where its name says otherwise. */
export interface RoundSamples {
  readonly handOver: number[];
  readonly preview: number[];
  readonly report: number[];
  readonly pastReport: number[];
  readonly list: number[];
  /** s until ready: a start in order, and after a kill -9 of every service at once. */
  readonly start: number[];
  readonly restart: number[];
  /** µs of CPU of all our processes a message of the city, at the provider's rate. */
  readonly cpu: number[];
}

/** Starts the services and measures what a person meets, one thing after the other on an otherwise idle stack. */
export async function measureRound(stack: HistoryStack, plan: RoundPlan, beforeRestart?: () => Promise<void>): Promise<RoundSamples> {
  const start = [await stack.startServices()];
  const communes = plan.communes.map((tenant) => stack.connected(tenant));
  const city = stack.connected(plan.city);
  const own = new Map([...communes, city].map((tenant) => [tenant.tenantId, tenant]));
  const connected = ({ tenant, ...rest }: Reported): Reported => ({ ...rest, tenant: own.get(tenant.tenantId) ?? stack.connected(tenant) });
  await pause(SETTLE_MS);
  const samples: RoundSamples = { handOver: [], preview: [], report: [], pastReport: [], list: [], start, restart: [], cpu: [] };
  for (const report of plan.reports) samples.report.push(await readReport(connected(report)));
  for (const report of plan.pastReports) samples.pastReport.push(await readReport(connected(report)));
  for (const tenant of communes) samples.list.push(await timed(() => listCampaigns(tenant)));
  for (const tenant of communes) {
    const ready = await prepareCampaign(tenant);
    const { agent, tenantId } = tenant;
    // The same draft once more: the first preview is part of preparing it.
    samples.preview.push(
      await timed(() => agent.campaigns.previewCampaign({ tenantId, campaignId: ready.campaignId }, { deadlineMs: CALL_DEADLINE_MS })),
    );
    const { calledAt } = await releaseCampaign(ready);
    await sent(stack, ready.campaignId, ready.units);
    samples.handOver.push((stack.sms.of(ready.campaignId)[0]?.at ?? NaN) - calledAt);
    await pause(BETWEEN_MS);
  }
  samples.cpu.push(await cpuOfCity(stack, city));
  await beforeRestart?.();
  samples.restart.push(await stack.restartServices());
  stack.sms.forget();
  return samples;
}

/** Reads the whole report of a campaign, page by page, and its counts; ms. */
async function readReport({ tenant, campaignId, recipients }: Reported): Promise<number> {
  const { agent, tenantId } = tenant;
  const deadline = { deadlineMs: CALL_DEADLINE_MS };
  let read = 0;
  const took = await timed(async () => {
    await agent.campaigns.getCampaign({ tenantId, campaignId }, deadline);
    for (let pageToken = ''; ;) {
      const page = await agent.reports.listRecipients({ tenantId, campaignId, pageSize: 250, pageToken, filter: 0 }, deadline);
      read += page.recipients.length;
      pageToken = page.nextPageToken;
      if (pageToken === '') return;
    }
  });
  if (read !== recipients) throw new Error(`A report named ${read} of ${recipients} recipients: its figures mean nothing.`);
  return took;
}

async function listCampaigns({ agent, tenantId }: WorldTenant): Promise<void> {
  const { campaigns } = await agent.campaigns.listCampaigns(
    { tenantId, pageSize: LISTED, pageToken: '' },
    { deadlineMs: CALL_DEADLINE_MS },
  );
  if (campaigns.length === 0) throw new Error('A list of campaigns is empty.');
}

async function cpuOfCity(stack: HistoryStack, city: WorldTenant): Promise<number> {
  const ready = await prepareCampaign(city, { content: { title: `Mesure ${randomUUID().slice(0, 8)}` } });
  await pause(SETTLE_MS);
  const { used } = await spentBy(stack.supervisor, async () => {
    await releaseCampaign(ready);
    await sent(stack, ready.campaignId, ready.units);
  });
  const ours = [...used].filter(([name]) => isOurs(name)).reduce((sum, [, seconds]) => sum + seconds, 0);
  return (ours * 1_000_000) / ready.units;
}

/** The others play people outside. */
function isOurs(name: string): boolean {
  return !name.startsWith('stand-in') && name !== 'partner';
}

async function sent(stack: HistoryStack, campaignId: string, units: number): Promise<void> {
  if (await stack.sms.untilAccepted(campaignId, units, SENT_DEADLINE_MS)) return;
  throw new Error(`The provider has ${stack.sms.of(campaignId).length} of ${units} messages after ${SENT_DEADLINE_MS / 1_000} s.`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
