import { randomUUID } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { TocsinError } from '@tocsin/errors';
import { campaignContent } from '../world/world-campaign.js';
import type { WorldTenant } from '../world/world-tenant.js';
import type { CallEnd, SheddingFacts } from './shedding-result.js';

/** Calls at once that find the knee: more only wait for each other. */
const KNEE_CLIENTS = 24;
const KNEE_MS = 5_000;
const FLOOD_MS = 8_000;
/** What is offered, as a multiple of the knee. */
const OVERLOAD = 10;
/** Calls of the flood sent together, ms apart. */
const TICK_MS = 10;
/** A call of the flood is not waited for longer, ms. */
const CALL_DEADLINE_MS = 5_000;
/** In a millisecond. */
const NANOSECONDS = 1_000_000;
/** Calls of the flood that are on their way at most: a generator that is behind must not pile them up. */
const MAX_OPEN = 300;
/** Pause between two calls of who stays within the limits, and between two alerts of the flood, ms. */
const BESIDE_MS = 50;
const ALERT_MS = 1_000;

/** Drafts of campaigns at ten times what the platform answers, by many tenants at once, beside one that keeps to its limits. */
export async function measureShedding(
  flooding: readonly WorldTenant[],
  quiet: WorldTenant,
  say: (line: string) => void,
): Promise<SheddingFacts> {
  const kneeCpu = process.cpuUsage();
  const knee = await kneeOf(flooding);
  const kneeCores = coresOf(kneeCpu, KNEE_MS / 1_000);
  say(`The knee is at ${Math.round(knee)} drafts a second.`);
  const alone = await steady(quiet, Lane.STANDARD, BESIDE_MS, KNEE_MS);
  const lag = monitorEventLoopDelay({ resolution: TICK_MS });
  lag.enable();
  const floodCpu = process.cpuUsage();
  const begun = performance.now();
  const [flood, beside, alerts] = await Promise.all([
    floodOf(flooding, knee * OVERLOAD),
    steady(quiet, Lane.STANDARD, BESIDE_MS, FLOOD_MS),
    steady(flooding[0] ?? quiet, Lane.LIFE_SAFETY, ALERT_MS, FLOOD_MS),
  ]);
  const seconds = (performance.now() - begun) / 1_000;
  lag.disable();
  const generatorCores = { knee: kneeCores, flood: coresOf(floodCpu, seconds) };
  return {
    knee,
    flood,
    seconds,
    beside,
    alone,
    alerts,
    generatorCores,
    generatorLagMs: Math.max(0, lag.percentile(99) / NANOSECONDS - TICK_MS),
  };
}

/** Cores this process, which plays all partners, has used since. */
function coresOf(since: NodeJS.CpuUsage, seconds: number): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000_000 / seconds;
}

async function kneeOf(tenants: readonly WorldTenant[]): Promise<number> {
  const end = performance.now() + KNEE_MS;
  let answered = 0;
  const client = async (_none: unknown, index: number): Promise<void> => {
    const tenant = tenants[index % tenants.length];
    while (tenant && performance.now() < end) if ((await draft(tenant, Lane.STANDARD)).how === 'answered') answered += 1;
  };
  await Promise.all(Array.from({ length: KNEE_CLIENTS }, client));
  return answered / (KNEE_MS / 1_000);
}

/** Open loop: calls leave at their time whether or not earlier ones have ended, until MAX_OPEN are on their way; what was really offered is in the figures. */
async function floodOf(tenants: readonly WorldTenant[], perSecond: number): Promise<readonly CallEnd[]> {
  const begun = performance.now();
  const ends: Promise<CallEnd>[] = [];
  let open = 0;
  for (let sent = 0; performance.now() - begun < FLOOD_MS; await pause(TICK_MS)) {
    const due = (performance.now() - begun) * (perSecond / 1_000);
    for (; sent < due && open < MAX_OPEN; sent += 1) {
      const tenant = tenants[sent % tenants.length];
      if (!tenant) break;
      open += 1;
      ends.push(draft(tenant, Lane.STANDARD).finally(() => (open -= 1)));
    }
  }
  return Promise.all(ends);
}

async function steady(tenant: WorldTenant, lane: Lane, everyMs: number, forMs: number): Promise<readonly CallEnd[]> {
  const ends: CallEnd[] = [];
  for (const end = performance.now() + forMs; performance.now() < end; await pause(everyMs)) ends.push(await draft(tenant, lane));
  return ends;
}

async function draft({ agent, tenantId }: WorldTenant, lane: Lane): Promise<CallEnd> {
  const content = CampaignContent.fromPartial(campaignContent({ lane }, Date.now()));
  const begun = performance.now();
  const end = (how: CallEnd['how'], saysWhen = false): CallEnd => ({ how, ms: performance.now() - begun, saysWhen });
  try {
    await agent.campaigns.createCampaign(
      { idempotencyKey: `bench-shed-${randomUUID()}`, tenantId, content },
      { deadlineMs: CALL_DEADLINE_MS, retry: false },
    );
    return end('answered');
  } catch (error) {
    if (error instanceof TocsinError && error.code === 'RESOURCE_EXHAUSTED') return end('refused', error.retryAfterMs !== undefined);
    return end('failed');
  }
}
