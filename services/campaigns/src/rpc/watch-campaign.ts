import type { CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import type { WatchCampaignRequest, WatchCampaignResponse } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { tenantOf } from '../core/access.js';
import { hasEnded } from '../core/campaign-view.js';
import type { ServiceParts } from './service-parts.js';

/** ms after which the stored version is read again: the other instance may have changed it. */
const POLL = 500;

/** The campaign at once where it is past the cursor, then at every change, until nothing of it changes any more. */
export async function* watchCampaignRpc(
  parts: ServiceParts,
  caller: Caller,
  request: WatchCampaignRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchCampaignResponse> {
  const tenantId = tenantOf(caller, request.tenantId);
  let told: CampaignState | undefined;
  for (let seen = request.cursor; !signal.aborted;) {
    // Asked for before reading, so that a change between the two is not slept through.
    const stop = new AbortController();
    const change = parts.changes.next(request.campaignId, POLL, AbortSignal.any([signal, stop.signal]));
    try {
      const { campaign, cursor } = await parts.campaigns.snapshot(tenantId, request.campaignId);
      // A draft that slept through its expiry changes without a new version.
      const elapsed = told !== undefined && campaign.state !== told;
      told = campaign.state;
      if (cursor > seen || elapsed) yield { campaign, cursor };
      seen = Math.max(seen, cursor);
      if (hasEnded(campaign)) return;
      await change;
    } finally {
      stop.abort();
    }
  }
}
