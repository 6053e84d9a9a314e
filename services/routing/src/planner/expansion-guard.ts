import type { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';

/** How far an audience may grow between its preview and its release before a person must look again. */
const MAX_EXPANSION = 3;

/** Why a plan was halted, in controls and stops; the one decision about a campaign that is the planner's own. */
export const EXPANSION = 'EXPANSION';

/**
 * Recipients a plan may name without asking again; Infinity when nobody previewed it or a person accepted the expansion. `unvouched`: how many one
 * person alone may reach, where no second one was asked.
 */
export function expansionLimit(campaign: Campaign, accepted: boolean, unvouched = Infinity): number {
  const previewed = campaign.previewedHash !== '' || campaign.estimatedRecipients > 0;
  if (accepted) return Infinity;
  return Math.min(unvouched, previewed ? MAX_EXPANSION * campaign.estimatedRecipients : Infinity);
}
