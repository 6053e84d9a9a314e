import { CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import { TocsinError } from '@tocsin/errors';
import type { Decision } from '@tocsin/mongo';
import { type CampaignRecord, changed } from '../campaign-record.js';
import { campaignEvent } from '../events.js';

/** Running from now on, announced to the planner with all it needs. */
export function released(record: CampaignRecord, version: number, now: number): Decision<CampaignRecord> {
  const { release } = record;
  if (!release) throw new TocsinError('INTERNAL', 'RELEASE_FRAME_MISSING', 'The campaign was scheduled without what its release needs.');
  const state = changed(record, { state: CampaignState.RUNNING, releasedAt: now });
  const campaign = { ...state.campaign, version: version + 1 };
  return {
    state,
    events: [campaignEvent(campaign, version + 1, 'tocsin.campaigns.v1.CampaignReleased', { campaign, ...release }, now)],
  };
}
