import { setTimeout as wait } from 'node:timers/promises';
import type { WatchCampaignResponse } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { TocsinError } from '@tocsin/errors';
import type { Platform } from '../platform.js';

/** One watch's length, ms; it goes on from its cursor. */
const WATCH_MS = 6 * 60 * 60 * 1000;
/** How long the platform may be away before the watch gives up, ms: longer than a restart of everything. */
const AWAY_MS = 2 * 60 * 1000;
const PAUSE_MS = 1_000;
const COMES_BACK: ReadonlySet<string> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED']);

/** A campaign as it changes, over restarts of the platform: every break is taken up from the last cursor seen. */
export async function* watchCampaign(
  platform: Pick<Platform, 'campaigns'>,
  tenantId: string,
  campaignId: string,
  from: number,
): AsyncGenerator<WatchCampaignResponse, void, undefined> {
  let cursor = from;
  let lastSeen = Date.now();
  for (;;) {
    try {
      for await (const answer of platform.campaigns.watchCampaign({ tenantId, campaignId, cursor }, { deadlineMs: WATCH_MS })) {
        lastSeen = Date.now();
        cursor = answer.cursor;
        yield answer;
      }
      return;
    } catch (error) {
      const temporary = error instanceof TocsinError && COMES_BACK.has(error.code);
      if (!temporary || Date.now() - lastSeen > AWAY_MS) throw error;
      await wait(PAUSE_MS);
    }
  }
}
