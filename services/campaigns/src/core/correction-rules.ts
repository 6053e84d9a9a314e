import { type Campaign, CampaignState, CampaignType, Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import type { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { TocsinError, type Violations } from '@tocsin/errors';

/** A correction goes to whom its original was submitted to, at once and by the channels it took: it says nothing of its own about whom, when and in which order. */
export function checkCorrection(content: CampaignContent, corrects: string, violations: Violations): void {
  const { type, audience, scheduledAt, mode } = content;
  violations.check('content.corrects', /^cmp_[0-9A-HJKMNP-TV-Z]{26}$/.test(corrects), 'must be the id of a campaign');
  violations.check(
    'content.type',
    type === CampaignType.UPDATE || type === CampaignType.CANCEL,
    'of a correction must be update or cancel',
  );
  violations.check('content.audience', audience === undefined, 'of a correction is those whom its original was submitted to: leave it out');
  violations.check('content.scheduled_at', scheduledAt === 0, 'of a correction must be 0: it goes when it is released');
  violations.check('content.mode', mode === Mode.PARALLEL, 'of a correction must be parallel: it goes by the channels its original took');
}

/** FAILED_PRECONDITION unless the original was released: before that there is nobody to correct it to, and it is stopped or changed instead. */
export function checkOriginal(original: Campaign): void {
  if (original.state !== CampaignState.DRAFT && original.state !== CampaignState.SCHEDULED && original.releasedAt > 0) return;
  throw new TocsinError(
    'FAILED_PRECONDITION',
    'ORIGINAL_NOT_RELEASED',
    'Nothing of the campaign to be corrected has been sent: stop or change it instead.',
  );
}

/** Whether something of it may still leave. */
export function goesOn({ state }: Campaign): boolean {
  return state === CampaignState.RUNNING || state === CampaignState.PAUSED;
}
