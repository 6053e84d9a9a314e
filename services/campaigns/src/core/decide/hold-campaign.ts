import { CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import type { Decision } from '@tocsin/mongo';
import { type CampaignRecord, changed } from '../campaign-record.js';

/** What the planner says when an audience grew above 3 times what was previewed. */
export const EXPANSION = 'EXPANSION';

/**
 * The planner halted the campaign and asks: it stands paused until a person resumes it, which accepts the audience as it is now, or stops it.
 * The planner asks once in a campaign's life, so the question told again (records come at least once) changes nothing.
 */
export function holdCampaign(record: CampaignRecord): Decision<CampaignRecord> | null {
  const { state } = record.campaign;
  if (record.expansionAsked === true || (state !== CampaignState.RUNNING && state !== CampaignState.PAUSED)) return null;
  return { state: changed({ ...record, expansionAsked: true }, { state: CampaignState.PAUSED, holdReason: EXPANSION }), events: [] };
}
