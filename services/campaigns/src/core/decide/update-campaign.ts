import { Campaign, CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import type { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { TocsinError } from '@tocsin/errors';
import type { Decision } from '@tocsin/mongo';
import type { CampaignRecord } from '../campaign-record.js';
import { contentHash } from '../content-hash.js';
import { wrongState } from './refuse.js';

export interface Update {
  readonly authorId: string;
  readonly content: CampaignContent;
  /** The version the author saw. */
  readonly seen: number;
}

/** Replaces a draft's content and voids its approval; whoever wrote last is its author, so nobody approves their own words. */
export function updateCampaign(record: CampaignRecord, version: number, { authorId, content, seen }: Update): Decision<CampaignRecord> {
  const { campaign } = record;
  if (campaign.state !== CampaignState.DRAFT) throw wrongState(campaign, 'draft');
  if (seen !== version) {
    throw new TocsinError('ABORTED', 'VERSION_CHANGED', `The campaign is at version ${version}, not ${seen}: read it again.`);
  }
  const next = Campaign.fromPartial({
    ...(campaign as object),
    ...(content as object),
    authorId,
    contentHash: contentHash(content),
    approval: undefined,
    pace: content.pace,
    corrects: content.corrects,
    audience: content.audience,
  });
  return { state: { ...record, campaign: next }, events: [] };
}
