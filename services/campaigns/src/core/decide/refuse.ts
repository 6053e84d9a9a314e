import { TocsinError } from '@tocsin/errors';
import { type Campaign, CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';

/** FAILED_PRECONDITION: the campaign is not in the state the command needs. */
export function wrongState(campaign: Campaign, wanted: string): TocsinError {
  const is = (CampaignState[campaign.state] ?? 'unknown').toLowerCase();
  return new TocsinError('FAILED_PRECONDITION', 'WRONG_STATE', `The campaign is ${is}; only a ${wanted} one can do this.`, {
    metadata: { state: CampaignState[campaign.state] ?? '' },
  });
}

export function expired(): TocsinError {
  return new TocsinError('FAILED_PRECONDITION', 'CAMPAIGN_EXPIRED', 'The campaign has passed its expiry; nothing of it is sent any more.');
}

export function contentChanged(): TocsinError {
  return new TocsinError('FAILED_PRECONDITION', 'CONTENT_CHANGED', 'The content is not the one named by this hash: preview it again.');
}

export function notPreviewed(): TocsinError {
  return new TocsinError('FAILED_PRECONDITION', 'NOT_PREVIEWED', 'The campaign must be previewed as it stands first.');
}
