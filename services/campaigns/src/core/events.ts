import { record, TOPICS, type OutgoingRecord, type RecordOf, type RecordType } from '@tocsin/contracts';
import type { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import type { StopKind } from '@tocsin/contracts/campaigns/v1/campaign_events';

/** An event of a campaign at the version this decision gives it. */
export function campaignEvent<T extends RecordType>(
  campaign: Campaign,
  version: number,
  type: T,
  value: RecordOf<T>,
  now: number,
): OutgoingRecord {
  const { campaignId, tenantId, lane, status, expiresAt } = campaign;
  const meta = { tenantId, occurredAt: now, lane, status, expiresAt, epoch: version };
  return record(TOPICS.campaignEvents.name, campaignId, type, value, meta);
}

/** What every channel instance hears about grants it holds. */
export function stopRecord(campaign: Campaign, version: number, kind: StopKind, now: number): OutgoingRecord {
  const { campaignId, tenantId, lane, status } = campaign;
  const value = { campaignId, kind, lane, at: now };
  const meta = { tenantId, occurredAt: now, lane, status, epoch: version };
  return record(TOPICS.campaignStops.name, campaignId, 'tocsin.campaigns.v1.CampaignStop', value, meta);
}
