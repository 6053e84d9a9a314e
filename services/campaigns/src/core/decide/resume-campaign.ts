import { CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import { StopKind } from '@tocsin/contracts/campaigns/v1/campaign_events';
import type { Decision } from '@tocsin/mongo';
import { type CampaignRecord, changed } from '../campaign-record.js';
import { campaignEvent, stopRecord } from '../events.js';
import { expired, wrongState } from './refuse.js';

/** Lets a paused campaign go on. */
export function resumeCampaign(record: CampaignRecord, version: number, now: number): Decision<CampaignRecord> | null {
  const { campaign } = record;
  if (campaign.state === CampaignState.RUNNING) return null;
  if (campaign.state !== CampaignState.PAUSED) throw wrongState(campaign, 'paused');
  if (now >= campaign.expiresAt) throw expired();
  const { campaignId } = campaign;
  return {
    state: changed(record, { state: CampaignState.RUNNING, holdReason: '' }),
    events: [
      stopRecord(campaign, version + 1, StopKind.RESUMED, now),
      campaignEvent(campaign, version + 1, 'tocsin.campaigns.v1.CampaignResumed', { campaignId }, now),
    ],
  };
}
