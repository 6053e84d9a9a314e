import { CampaignState, type Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import { CALL_DEADLINE_MS, type Partner } from './partner.js';
import { watchCampaign } from './watch-campaign.js';

/** Campaigns a page of the list holds. */
const PAGE_SIZE = 100;

const UNDER_WAY: ReadonlySet<CampaignState> = new Set([CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.SCHEDULED]);

/** Stops what an interrupted run left under way for a municipality and waits until it has ended: it would share the providers with the new run. Answers how many. */
export async function stopUnfinished(partner: Partner, tenantId: string): Promise<number> {
  const left = (await listCampaigns(partner, tenantId)).filter(({ state }) => UNDER_WAY.has(state));
  for (const { campaignId } of left) {
    await partner.campaigns.stopCampaign({ tenantId, campaignId, reason: 'A new demonstration begins.' }, { deadlineMs: CALL_DEADLINE_MS });
    await watchCampaign(partner, tenantId, campaignId, () => undefined);
  }
  return left.length;
}

async function listCampaigns(partner: Partner, tenantId: string): Promise<readonly Campaign[]> {
  const campaigns: Campaign[] = [];
  let pageToken = '';
  do {
    const page = await partner.campaigns.listCampaigns({ tenantId, pageSize: PAGE_SIZE, pageToken }, { deadlineMs: CALL_DEADLINE_MS });
    campaigns.push(...page.campaigns);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return campaigns;
}
