import { TocsinError } from '@tocsin/errors';
import type { ProviderLedger } from '../world/provider-ledger.js';
import { prepareCampaign, releaseCampaign } from '../world/world-campaign.js';
import type { WorldTenant } from '../world/world-tenant.js';

/** A path that takes longer is broken, not slow, ms. */
const PATH_DEADLINE_MS = 60_000;

/** One way of a commune from its first call to its first message at the provider, ms. */
export interface PathSample {
  /** From the call that drafts the campaign: draft, preview, release, plan, dispatch. */
  readonly path: number;
  /** From the call that releases the campaign, which was previewed before. */
  readonly release: number;
}

/** Drafts, previews and releases a campaign of the commune; the end is the provider's own stamp. */
export async function samplePath(commune: WorldTenant, ledger: ProviderLedger): Promise<PathSample> {
  const calledAt = Date.now();
  const ready = await prepareCampaign(commune);
  const released = await releaseCampaign(ready);
  await ledger.untilAccepted(ready.campaignId, 1, PATH_DEADLINE_MS);
  const first = ledger.of(ready.campaignId)[0];
  if (first === undefined) {
    throw new TocsinError(
      'DEADLINE_EXCEEDED',
      'NOT_HANDED_OVER',
      `A commune's message did not leave within ${PATH_DEADLINE_MS / 1_000} s.`,
    );
  }
  return { path: first.at - calledAt, release: first.at - released.calledAt };
}
