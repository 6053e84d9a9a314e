import { CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import { StopKind } from '@tocsin/contracts/campaigns/v1/campaign_events';
import type { Decision } from '@tocsin/mongo';
import { type CampaignRecord, changed } from '../campaign-record.js';
import { campaignEvent, stopRecord } from '../events.js';
import { wrongState } from './refuse.js';

/** Holds a running campaign: nothing more is granted, what channels hold is given back. */
export function pauseCampaign(record: CampaignRecord, version: number, now: number): Decision<CampaignRecord> | null {
  const { campaign } = record;
  if (campaign.state === CampaignState.PAUSED) return null;
  if (campaign.state !== CampaignState.RUNNING) throw wrongState(campaign, 'running');
  const { campaignId } = campaign;
  return {
    state: changed(record, { state: CampaignState.PAUSED }),
    events: [
      stopRecord(campaign, version + 1, StopKind.PAUSED, now),
      campaignEvent(campaign, version + 1, 'tocsin.campaigns.v1.CampaignPaused', { campaignId }, now),
    ],
  };
}
