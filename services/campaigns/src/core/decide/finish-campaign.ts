import { CampaignState, type Tally } from '@tocsin/contracts/campaigns/v1/campaign';
import type { Decision } from '@tocsin/mongo';
import { type CampaignRecord, changed } from '../campaign-record.js';
import { campaignEvent } from '../events.js';

/**
 * Ends a campaign whose every recipient is terminal, once: one that an agent stopped stays stopped and is now counted, one whose expiry cut
 * recipients off is expired. null: it has ended before.
 */
export function finishCampaign(record: CampaignRecord, version: number, tally: Tally, now: number): Decision<CampaignRecord> | null {
  const { campaign } = record;
  if (campaign.finishedAt > 0) return null;
  const { campaignId } = campaign;
  const event = campaignEvent(campaign, version + 1, 'tocsin.campaigns.v1.CampaignFinished', { campaignId, tally }, now);
  switch (campaign.state) {
    case CampaignState.RUNNING:
    case CampaignState.PAUSED: {
      const cutOff = tally.expired > 0 && now >= campaign.expiresAt;
      const state = cutOff ? CampaignState.EXPIRED : CampaignState.FINISHED;
      return { state: changed(record, { state, finishedAt: now }), events: [event] };
    }
    case CampaignState.STOPPED:
      return { state: changed(record, { finishedAt: now }), events: [event] };
    default:
      return null;
  }
}
