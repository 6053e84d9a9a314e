import { type Campaign, CampaignState, type Tally } from '@tocsin/contracts/campaigns/v1/campaign';
import type { CampaignRecord } from './campaign-record.js';

/** A campaign as callers see it: at its version, with its tally, and expired when its draft or schedule slept through the expiry. */
export function campaignView(record: CampaignRecord, version: number, tally: Tally | undefined, now: number): Campaign {
  const { campaign } = record;
  const asleep = campaign.state === CampaignState.DRAFT || campaign.state === CampaignState.SCHEDULED;
  const state = asleep && now >= campaign.expiresAt ? CampaignState.EXPIRED : campaign.state;
  return { ...campaign, state, version, tally };
}

/** Nothing of the campaign will change any more but late corrections of its counts. */
export function hasEnded(campaign: Campaign): boolean {
  switch (campaign.state) {
    case CampaignState.FINISHED:
    case CampaignState.EXPIRED:
      return true;
    case CampaignState.STOPPED:
      return campaign.finishedAt > 0;
    default:
      return false;
  }
}
