import type { ResumeCampaignRequest, ResumeCampaignResponse } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { tenantOf } from '../core/access.js';
import { resumeCampaign } from '../core/decide/resume-campaign.js';
import type { ServiceParts } from './service-parts.js';

export async function resumeCampaignRpc(
  parts: ServiceParts,
  caller: Caller,
  request: ResumeCampaignRequest,
): Promise<ResumeCampaignResponse> {
  const tenantId = tenantOf(caller, request.tenantId);
  const resuming = { caller, now: parts.now() };
  return {
    campaign: await parts.campaigns.decide(tenantId, request.campaignId, (record, version) => resumeCampaign(record, version, resuming)),
  };
}
