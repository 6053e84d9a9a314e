import { isDeepStrictEqual } from 'node:util';
import { type CampaignEstimate, CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import type { Decision } from '@tocsin/mongo';
import { type CampaignRecord, changed } from '../campaign-record.js';
import { contentChanged, wrongState } from './refuse.js';

/** Notes that this content was seen and whom it would reach; the same preview again changes nothing. */
export function previewCampaign(
  record: CampaignRecord,
  previewedHash: string,
  estimatedRecipients: number,
  estimate: CampaignEstimate,
): Decision<CampaignRecord> | null {
  const { campaign } = record;
  if (campaign.state !== CampaignState.DRAFT) throw wrongState(campaign, 'draft');
  if (campaign.contentHash !== previewedHash) throw contentChanged();
  const same = campaign.estimatedRecipients === estimatedRecipients && isDeepStrictEqual(campaign.estimate, estimate);
  if (campaign.previewedHash === previewedHash && same) return null;
  return { state: changed(record, { previewedHash, estimatedRecipients, estimate }), events: [] };
}
