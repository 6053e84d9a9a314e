import { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import type { TenantLimits } from '@tocsin/contracts/tenants/v1/tenant';

/** What of its tenant a campaign carries since its release. */
export interface ReleaseFrame {
  readonly tenantWeight: number;
  readonly smsSender: string;
  readonly mailFrom: string;
  readonly tenantName: string;
  /** Recipients that may leave before a second person is asked; not set = one was, or the glass was broken. */
  readonly recipientLimit?: number;
  readonly limits?: TenantLimits;
  readonly recipientDays?: number;
  readonly tenantVersion?: number;
}

/** A campaign as stored; its tally lies beside it, its version is the aggregate's. */
export interface CampaignRecord {
  readonly campaign: Campaign;
  /** Hash of the body it was created with: tells a repetition from another body under the same key. */
  readonly createdFrom: string;
  readonly release?: ReleaseFrame;
  /** The planner has asked whether the audience may be as big as it became. */
  readonly expansionAsked?: boolean;
}

export function contentOf(campaign: Campaign): CampaignContent {
  const { title, type, status, lane, audience, messages, channels, mode, purpose, expiresAt, scheduledAt, pace, corrects } = campaign;
  return CampaignContent.fromPartial({
    title,
    type,
    status,
    lane,
    audience,
    messages,
    channels,
    mode,
    purpose,
    expiresAt,
    scheduledAt,
    pace,
    corrects,
  } as never);
}

/** The store leaves out what is not set. */
export function readRecord(stored: CampaignRecord): CampaignRecord {
  return { ...stored, campaign: Campaign.fromPartial(stored.campaign as never) };
}

/** The record with some fields of its campaign changed. */
export function changed(record: CampaignRecord, fields: Partial<Campaign>): CampaignRecord {
  return { ...record, campaign: { ...record.campaign, ...fields } };
}
