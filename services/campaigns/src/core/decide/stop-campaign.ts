import { CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import { StopKind } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { invalidArgument, isLine } from '@tocsin/errors';
import type { Decision } from '@tocsin/mongo';
import { type CampaignRecord, changed } from '../campaign-record.js';
import { campaignEvent, stopRecord } from '../events.js';
import { wrongState } from './refuse.js';

const MAX_REASON = 500;

export interface Stopping {
  /** '' = none given. */
  readonly reason: string;
  readonly now: number;
}

/** Ends a campaign for good: recipients not reached yet are cancelled; one that never started is over at once. */
export function stopCampaign(record: CampaignRecord, version: number, { reason, now }: Stopping): Decision<CampaignRecord> | null {
  const { campaign } = record;
  if (reason !== '' && !isLine(reason, MAX_REASON)) {
    throw invalidArgument([{ field: 'reason', description: `must be at most ${MAX_REASON} characters on one line` }]);
  }
  const { campaignId } = campaign;
  const event = campaignEvent(campaign, version + 1, 'tocsin.campaigns.v1.CampaignStopped', { campaignId, reason }, now);
  switch (campaign.state) {
    case CampaignState.STOPPED:
      return null;
    case CampaignState.DRAFT:
    case CampaignState.SCHEDULED:
      return { state: changed(record, { state: CampaignState.STOPPED, finishedAt: now }), events: [event] };
    case CampaignState.RUNNING:
    case CampaignState.PAUSED:
      return {
        state: changed(record, { state: CampaignState.STOPPED, holdReason: '' }),
        events: [stopRecord(campaign, version + 1, StopKind.CANCELLED, now), event],
      };
    default:
      throw wrongState(campaign, 'draft, scheduled, running or paused');
  }
}
