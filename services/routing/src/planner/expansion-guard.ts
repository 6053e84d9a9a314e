import type { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';

/** How far an audience may grow between its preview and its release before a person must look again. */
const MAX_EXPANSION = 3;

/** Recipients a plan may name without asking again; Infinity when nobody previewed it or a person accepted the expansion. */
export function expansionLimit(campaign: Campaign, accepted: boolean): number {
  const previewed = campaign.previewedHash !== '' || campaign.estimatedRecipients > 0;
  return accepted || !previewed ? Infinity : MAX_EXPANSION * campaign.estimatedRecipients;
}
