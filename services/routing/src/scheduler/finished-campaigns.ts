/** Finished campaigns remembered: a planner that restarts right after closing a plan announces its last slices once more. */
const REMEMBERED = 512;

export interface FinishedCampaign {
  readonly slices: number;
  readonly closed: boolean;
}

/** The last campaigns a channel has done with, so that a repeated record of theirs starts nothing. Bounded; the oldest are forgotten. */
export class FinishedCampaigns {
  private readonly campaigns = new Map<string, FinishedCampaign>();

  get(campaignId: string): FinishedCampaign | undefined {
    return this.campaigns.get(campaignId);
  }

  add(campaignId: string, finished: FinishedCampaign): void {
    this.campaigns.delete(campaignId);
    this.campaigns.set(campaignId, finished);
    while (this.campaigns.size > REMEMBERED) for (const oldest of this.campaigns.keys()) if (this.campaigns.delete(oldest)) break;
  }

  remove(campaignId: string): void {
    this.campaigns.delete(campaignId);
  }

  entries(): [string, FinishedCampaign][] {
    return [...this.campaigns];
  }
}
