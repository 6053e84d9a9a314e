import type { StopCampaignRequest, StopCampaignResponse } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { tenantOf } from '../core/access.js';
import { stopCampaign } from '../core/decide/stop-campaign.js';
import type { ServiceParts } from './service-parts.js';

export async function stopCampaignRpc(parts: ServiceParts, caller: Caller, request: StopCampaignRequest): Promise<StopCampaignResponse> {
  const tenantId = tenantOf(caller, request.tenantId);
  const stopping = { reason: request.reason, now: parts.now() };
  const campaign = await parts.campaigns.decide(tenantId, request.campaignId, (record, version) => stopCampaign(record, version, stopping));
  // Answered OK it holds within two seconds, so Kafka must have it: one that was stored before and not told is told now.
  await parts.campaigns.told(request.campaignId);
  return { campaign };
}
