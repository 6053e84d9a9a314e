import { StopKind, type CampaignStop } from '@tocsin/contracts/campaigns/v1/campaign_events';

/** Campaigns stopped or paused in the last days; more means the oldest are long expired. */
const MAX_STOPS = 100_000;

/** What agents decided about running campaigns: cancelled for good, or paused until resumed. */
export class StopBook {
  readonly #stops = new Map<string, 'cancelled' | 'paused'>();

  /** Answers whether held items of the campaign must end now. */
  apply(stop: CampaignStop): boolean {
    const known = this.#stops.get(stop.campaignId);
    switch (stop.kind) {
      case StopKind.CANCELLED:
        this.#set(stop.campaignId, 'cancelled');
        return true;
      case StopKind.PAUSED:
        if (known === 'cancelled') return true;
        this.#set(stop.campaignId, 'paused');
        return true;
      case StopKind.RESUMED:
        if (known === 'paused') this.#stops.delete(stop.campaignId);
        return false;
      default:
        return false;
    }
  }

  of(campaignId: string): 'cancelled' | 'paused' | undefined {
    return this.#stops.get(campaignId);
  }

  #set(campaignId: string, kind: 'cancelled' | 'paused'): void {
    this.#stops.delete(campaignId);
    this.#stops.set(campaignId, kind);
    if (this.#stops.size <= MAX_STOPS) return;
    const oldest = this.#stops.keys().next();
    if (!oldest.done) this.#stops.delete(oldest.value);
  }
}
