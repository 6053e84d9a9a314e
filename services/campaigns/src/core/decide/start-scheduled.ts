import { CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import type { Decision } from '@tocsin/mongo';
import { type CampaignRecord, changed } from '../campaign-record.js';
import { released } from './released.js';

/** Lets a scheduled campaign go when its time has come; one that slept through its expiry ends there. null: not scheduled, or too early. */
export function startScheduled(record: CampaignRecord, version: number, now: number): Decision<CampaignRecord> | null {
  const { campaign } = record;
  if (campaign.state !== CampaignState.SCHEDULED || now < campaign.scheduledAt) return null;
  if (now >= campaign.expiresAt) return { state: changed(record, { state: CampaignState.EXPIRED, finishedAt: now }), events: [] };
  return released(record, version, now);
}
