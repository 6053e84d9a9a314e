import type { CampaignsServiceImplementation } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { callerOf, endOnDrain } from '@tocsin/grpc';
import { tenantOf } from '../core/access.js';
import { approveCampaignRpc } from './approve-campaign.js';
import { createCampaignRpc } from './create-campaign.js';
import { listCampaignsRpc } from './list-campaigns.js';
import { pauseCampaignRpc } from './pause-campaign.js';
import { previewCampaignRpc } from './preview-campaign.js';
import { releaseCampaignRpc } from './release-campaign.js';
import { resumeCampaignRpc } from './resume-campaign.js';
import type { ServiceParts } from './service-parts.js';
import { stopCampaignRpc } from './stop-campaign.js';
import { updateCampaignRpc } from './update-campaign.js';
import { watchCampaignRpc } from './watch-campaign.js';

/** A campaign from draft to report. */
export function campaignsService(parts: ServiceParts): CampaignsServiceImplementation {
  return {
    createCampaign: (request, context) => createCampaignRpc(parts, callerOf(context), request),
    async getCampaign(request, context) {
      const { campaign } = await parts.campaigns.snapshot(tenantOf(callerOf(context), request.tenantId), request.campaignId);
      return { campaign };
    },
    listCampaigns: (request, context) => listCampaignsRpc(parts, callerOf(context), request),
    updateCampaign: (request, context) => updateCampaignRpc(parts, callerOf(context), request),
    previewCampaign: (request, context) => previewCampaignRpc(parts, callerOf(context), request, context.signal),
    approveCampaign: (request, context) => approveCampaignRpc(parts, callerOf(context), request),
    releaseCampaign: (request, context) => releaseCampaignRpc(parts, callerOf(context), request),
    pauseCampaign: (request, context) => pauseCampaignRpc(parts, callerOf(context), request),
    resumeCampaign: (request, context) => resumeCampaignRpc(parts, callerOf(context), request),
    stopCampaign: (request, context) => stopCampaignRpc(parts, callerOf(context), request),
    watchCampaign(request, context) {
      endOnDrain(context);
      return watchCampaignRpc(parts, callerOf(context), request, context.signal);
    },
  };
}
