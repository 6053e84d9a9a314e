import type { UpdateCampaignRequest, UpdateCampaignResponse } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { tenantOf } from '../core/access.js';
import { checkContent, completed } from '../core/content-rules.js';
import { updateCampaign } from '../core/decide/update-campaign.js';
import type { ServiceParts } from './service-parts.js';

export async function updateCampaignRpc(
  parts: ServiceParts,
  caller: Caller,
  request: UpdateCampaignRequest,
): Promise<UpdateCampaignResponse> {
  const tenantId = tenantOf(caller, request.tenantId);
  // Another tenant's campaign must not answer with what is wrong in the request.
  await parts.campaigns.record(tenantId, request.campaignId);
  const content = request.content && completed(request.content);
  checkContent(content, (channel) => parts.manifestOf(channel), parts.now());
  const update = { authorId: caller.principalId, content, seen: request.version };
  return {
    campaign: await parts.campaigns.decide(tenantId, request.campaignId, (record, version) => updateCampaign(record, version, update)),
  };
}
