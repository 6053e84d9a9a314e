import { messageCost } from '@tocsin/contracts';
import type { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import { type CostTemplate, EstimateAudienceResponse } from '@tocsin/contracts/subscribers/v1/audience';
import { TocsinError } from '@tocsin/errors';
import { checkOriginal, goesOn } from '../core/correction-rules.js';
import { stopCampaign } from '../core/decide/stop-campaign.js';
import type { ServiceParts } from './service-parts.js';

/**
 * Whom a correction would reach: on each channel those handed over until now, and in all at most whom its original named, because it may go on until the correction is released. The cost is of the text without
 * its variables: whose they are is not read again.
 */
export async function estimateCorrection(
  parts: ServiceParts,
  tenantId: string,
  corrects: string,
  templates: readonly CostTemplate[],
): Promise<EstimateAudienceResponse> {
  if (parts.lastReleaseBeside) {
    // Its planner would look for an audience, which a correction does not have.
    throw new TocsinError('FAILED_PRECONDITION', 'LAST_RELEASE_BESIDE', 'Corrections wait until the upgrade of the platform is finished.');
  }
  const { campaign: original } = await parts.campaigns.snapshot(tenantId, corrects);
  checkOriginal(original);
  const channels = templates.map(({ channel, costUnit, literal }) => {
    const recipients = original.tally?.channels.find((row) => row.channel === channel)?.handedOver ?? 0;
    return { channel, recipients, cost: recipients * messageCost(costUnit, literal, [], []), histogram: [], unicode: 0 };
  });
  const recipients = Math.max(original.tally?.recipients ?? 0, original.estimatedRecipients);
  return EstimateAudienceResponse.fromPartial({ recipients, channels, notReachable: [], samples: [] });
}

/** Closes the campaign that a correction corrects, before the correction is released: whoever is told of it is not told the original later. Safe to repeat. */
export async function closeOriginal(parts: ServiceParts, { tenantId, campaignId, corrects }: Campaign): Promise<void> {
  if (corrects === undefined) return;
  const { campaign: original } = await parts.campaigns.record(tenantId, corrects);
  checkOriginal(original);
  // Stopped before, perhaps by a try that could not tell it.
  if (!goesOn(original)) return parts.campaigns.told(corrects);
  const stopping = { reason: `Corrected by ${campaignId}`, now: parts.now() };
  await parts.campaigns.decide(tenantId, corrects, (record, version) =>
    goesOn(record.campaign) ? stopCampaign(record, version, stopping) : null,
  );
  await parts.campaigns.told(corrects);
}
