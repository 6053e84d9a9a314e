import { Campaign, CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import type { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import type { Decision } from '@tocsin/mongo';
import type { CampaignRecord } from '../campaign-record.js';
import { contentHash } from '../content-hash.js';

export interface Creation {
  readonly campaignId: string;
  readonly tenantId: string;
  readonly authorId: string;
  readonly content: CampaignContent;
  /** Hash of the request's body. */
  readonly createdFrom: string;
  /** Unix ms. */
  readonly now: number;
}

/** A draft; nothing is announced before the release. */
export function createCampaign({ campaignId, tenantId, authorId, content, createdFrom, now }: Creation): Decision<CampaignRecord> {
  const campaign = Campaign.fromPartial({
    ...(content as object),
    campaignId,
    tenantId,
    authorId,
    state: CampaignState.DRAFT,
    contentHash: contentHash(content),
    createdAt: now,
  });
  return { state: { campaign, createdFrom }, events: [] };
}
