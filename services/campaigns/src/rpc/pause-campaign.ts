import type { PauseCampaignRequest, PauseCampaignResponse } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { tenantOf } from '../core/access.js';
import { pauseCampaign } from '../core/decide/pause-campaign.js';
import type { ServiceParts } from './service-parts.js';

export async function pauseCampaignRpc(parts: ServiceParts, caller: Caller, request: PauseCampaignRequest): Promise<PauseCampaignResponse> {
  const tenantId = tenantOf(caller, request.tenantId);
  const now = parts.now();
  return { campaign: await parts.campaigns.decide(tenantId, request.campaignId, (record, version) => pauseCampaign(record, version, now)) };
}
