import type { ApproveCampaignRequest, ApproveCampaignResponse } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { tenantOf } from '../core/access.js';
import { approveCampaign } from '../core/decide/approve-campaign.js';
import type { ServiceParts } from './service-parts.js';

export async function approveCampaignRpc(
  parts: ServiceParts,
  caller: Caller,
  request: ApproveCampaignRequest,
): Promise<ApproveCampaignResponse> {
  const approving = { caller, contentHash: request.contentHash, now: parts.now() };
  const tenantId = tenantOf(caller, request.tenantId);
  return { campaign: await parts.campaigns.decide(tenantId, request.campaignId, (record) => approveCampaign(record, approving)) };
}
