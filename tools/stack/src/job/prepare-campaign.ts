import type { CampaignContent, PreviewCampaignResponse } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { CALL_DEADLINE_MS, type Partner } from './partner.js';

/** Two people of one municipality. */
export interface Agents {
  readonly tenantId: string;
  readonly author: Partner;
  readonly approver: Partner;
}

export interface PreparedCampaign {
  readonly campaignId: string;
  readonly contentHash: string;
  readonly preview: PreviewCampaignResponse;
}

/** Draft and preview by the author. */
export async function draftCampaign(
  { tenantId, author }: Agents,
  idempotencyKey: string,
  content: CampaignContent,
): Promise<PreparedCampaign> {
  const deadline = { deadlineMs: CALL_DEADLINE_MS };
  const created = await author.campaigns.createCampaign({ idempotencyKey, tenantId, content }, deadline);
  const campaignId = created.campaign?.campaignId ?? '';
  return previewCampaign(author, tenantId, campaignId);
}

export async function previewCampaign(author: Partner, tenantId: string, campaignId: string): Promise<PreparedCampaign> {
  const preview = await author.campaigns.previewCampaign({ tenantId, campaignId }, { deadlineMs: CALL_DEADLINE_MS });
  return { campaignId, contentHash: preview.contentHash, preview };
}

/** The second person, over the hash of what was previewed. */
export async function approveCampaign({ tenantId, approver }: Agents, { campaignId, contentHash }: PreparedCampaign): Promise<void> {
  await approver.campaigns.approveCampaign({ tenantId, campaignId, contentHash }, { deadlineMs: CALL_DEADLINE_MS });
}

/** Answers the moment of the call, Unix ms. */
export async function releaseCampaign({ tenantId, author }: Agents, { campaignId, contentHash }: PreparedCampaign): Promise<number> {
  const at = Date.now();
  await author.campaigns.releaseCampaign({ tenantId, campaignId, contentHash, breakGlassReason: '' }, { deadlineMs: CALL_DEADLINE_MS });
  return at;
}
