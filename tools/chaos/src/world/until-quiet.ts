import { setTimeout as wait } from 'node:timers/promises';
import { CampaignState, type Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import { CALL_DEADLINE_MS } from '../../../stack/dist/job/partner.js';
import type { CampaignLog } from './campaign-log.js';
import type { ChaosTenant } from './tenant.js';

const LOOK_MS = 1_000;

const ENDED: ReadonlySet<CampaignState> = new Set([CampaignState.FINISHED, CampaignState.STOPPED, CampaignState.EXPIRED]);

/** Waits until every campaign has ended and is counted to its end; answers those that have not within the deadline. */
export async function untilQuiet(
  tenants: readonly ChaosTenant[],
  logs: readonly CampaignLog[],
  deadlineMs: number,
  say: (line: string) => void,
): Promise<readonly CampaignLog[]> {
  const end = performance.now() + deadlineMs;
  const open = [...logs];
  let saidAt = performance.now();
  while (open.length > 0 && performance.now() < end) {
    const next = open.shift();
    const tenant = next === undefined ? undefined : tenants[next.planned.tenant];
    if (next === undefined || tenant === undefined) continue;
    if (!(await isOver(tenant, next))) {
      open.push(next);
      await wait(LOOK_MS / Math.min(10, open.length));
    }
    if (performance.now() - saidAt > 20_000) {
      saidAt = performance.now();
      say(`${open.length} campaigns are not over yet.`);
    }
  }
  return open;
}

async function isOver(tenant: ChaosTenant, { tenantId, campaignId }: CampaignLog): Promise<boolean> {
  try {
    const { campaign } = await tenant.agent.campaigns.getCampaign({ tenantId, campaignId }, { deadlineMs: CALL_DEADLINE_MS });
    return campaign !== undefined && hasEnded(campaign);
  } catch {
    return false;
  }
}

function hasEnded({ state, tally }: Campaign): boolean {
  return ENDED.has(state) && tally?.planClosed === true && tally.pending === 0;
}
