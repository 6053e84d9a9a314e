import type { CampaignNotice } from '@tocsin/contracts/campaigns/v1/campaign';
import type { Decision } from '@tocsin/mongo';
import { type CampaignRecord, changed } from '../campaign-record.js';

/** Notices kept with a campaign: each reason once a channel; more would be made up. */
const MAX_NOTICES = 64;

/** Routing says what slows the campaign on a channel: kept once, with the time of the first time. Told again it changes nothing. */
export function noticeCampaign(record: CampaignRecord, notice: CampaignNotice): Decision<CampaignRecord> | null {
  const { notices } = record.campaign;
  const known = notices.some(({ reason, channel }) => reason === notice.reason && channel === notice.channel);
  if (known || notices.length >= MAX_NOTICES) return null;
  return { state: changed(record, { notices: [...notices, notice] }), events: [] };
}
