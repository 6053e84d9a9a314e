import { CampaignState, type Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import { TocsinError, RETRY_RULE } from '@tocsin/errors';
import type { Partner } from './partner.js';

/** A stream is opened anew at the latest after this. */
const STREAM_DEADLINE_MS = 1_800_000;
/** A gateway that restarts is back in seconds. */
const REOPEN_AFTER_MS = 500;

const ENDED = new Set([CampaignState.FINISHED, CampaignState.STOPPED, CampaignState.EXPIRED]);

/** Follows a campaign until it has ended, from the last cursor when the stream breaks; answers its last state. */
export async function watchCampaign(
  partner: Partner,
  tenantId: string,
  campaignId: string,
  seen: (campaign: Campaign) => void,
): Promise<Campaign> {
  let cursor = 0;
  for (;;) {
    try {
      for await (const answer of partner.campaigns.watchCampaign({ tenantId, campaignId, cursor }, { deadlineMs: STREAM_DEADLINE_MS })) {
        cursor = answer.cursor;
        if (answer.campaign === undefined) continue;
        seen(answer.campaign);
        if (hasEnded(answer.campaign)) return answer.campaign;
      }
    } catch (failure) {
      if (!(failure instanceof TocsinError) || !RETRY_RULE[failure.code].retryable) throw failure;
    }
    await new Promise((resolve) => setTimeout(resolve, REOPEN_AFTER_MS));
  }
}

/** Ended and counted: nothing about it changes but late receipts. */
function hasEnded({ state, tally }: Campaign): boolean {
  return ENDED.has(state) && (state === CampaignState.FINISHED || (tally?.planClosed === true && tally.pending === 0));
}
