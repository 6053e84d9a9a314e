import { CampaignReleased } from '@tocsin/contracts/campaigns/v1/campaign_events';
import type { Campaign, Message } from '@tocsin/contracts/campaigns/v1/campaign';
import type { SealKey } from '@tocsin/contracts/common/v1/common';
import type { CampaignFrame, TenantTerms } from '@tocsin/contracts/routing/v1/plans';
import type { TenantLimits } from '@tocsin/contracts/tenants/v1/tenant';

/** A release whose campaign is there, as the planner needs it. */
export interface Release {
  readonly campaign: Campaign;
  readonly released: CampaignReleased;
}

export function decodeRelease(bytes: Uint8Array): Release {
  const released = CampaignReleased.decode(bytes);
  if (!released.campaign) throw new RangeError('a release without its campaign');
  return { campaign: released.campaign, released };
}

/** Channels a campaign can use: named by it and with words for it, in its order of preference. */
export function channelsOf(campaign: Campaign): string[] {
  return campaign.channels.filter(
    (channel, place) => messageFor(campaign, channel) !== undefined && campaign.channels.indexOf(channel) === place,
  );
}

export function messageFor(campaign: Campaign, channel: string): Message | undefined {
  return campaign.messages.find((message) => message.channel === channel);
}

/** What does not change between the items of a campaign on one channel. */
export function frameOf(release: Release, channel: string, sealKey: SealKey | undefined): CampaignFrame {
  const { campaign, released } = release;
  return {
    campaignId: campaign.campaignId,
    tenantId: campaign.tenantId,
    channel,
    lane: campaign.lane,
    status: campaign.status,
    expiresAt: campaign.expiresAt,
    message: messageFor(campaign, channel),
    sealKey,
    weight: Math.max(1, released.tenantWeight),
    purpose: campaign.purpose,
    smsSender: released.smsSender,
    mailFrom: released.mailFrom,
    tenantName: released.tenantName,
    releasedAt: campaign.releasedAt,
    traceparent: released.traceparent,
    pace: campaign.pace,
    terms: termsOn(channel, released.limits, released.tenantVersion ?? 0),
    estimatedRecipients: campaign.estimatedRecipients,
    expectedUnits: campaign.estimate?.channels.find((one) => one.channel === channel)?.units,
  };
}

/** A tenant's limits as one channel needs them. */
export function termsOn(channel: string, limits: TenantLimits | undefined, version: number): TenantTerms {
  const quota = limits?.quotas.find((candidate) => candidate.channel === channel);
  return {
    version,
    lifeSafetyUnits: limits?.lifeSafetyUnits ?? 0,
    unitsPerDay: quota?.unitsPerDay ?? 0,
    unitsPerMinute: quota?.unitsPerMinute ?? 0,
  };
}
