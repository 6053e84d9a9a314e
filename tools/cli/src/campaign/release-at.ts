import { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import type { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import { TocsinError } from '@tocsin/errors';
import { CALL, LONG_CALL, type Platform } from '../platform.js';

/**
 * Sets the time of a draft and previews it anew. The time is part of what is approved, so an approved campaign is refused rather than its
 * approval voided unseen.
 */
export async function setReleaseTime(platform: Pick<Platform, 'campaigns'>, campaign: Campaign, at: number): Promise<Campaign> {
  if (campaign.scheduledAt === at) return campaign;
  if (campaign.approval !== undefined) {
    const message = 'The approval covers the time it leaves: set it with "campaign update --at" and have it approved again.';
    throw new TocsinError('FAILED_PRECONDITION', 'APPROVED_FOR_OTHER_TIME', message);
  }
  const { tenantId, campaignId, version } = campaign;
  const content = CampaignContent.fromPartial({ ...campaign, scheduledAt: at });
  await platform.campaigns.updateCampaign({ tenantId, campaignId, version, content }, CALL);
  const preview = await platform.campaigns.previewCampaign({ tenantId, campaignId }, LONG_CALL);
  if (preview.campaign === undefined) throw new TocsinError('INTERNAL', 'ANSWER_EMPTY', 'The preview came back without its campaign.');
  return preview.campaign;
}
