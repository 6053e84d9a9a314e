import type { Lane } from '@tocsin/contracts/common/v1/common';
import type { CampaignQueue } from './campaign-queue.js';

/** What the agents of a campaign are told about its speed, once a channel. */
export interface Notice {
  readonly campaignId: string;
  readonly tenantId: string;
  readonly lane: Lane;
  readonly reason: 'BEYOND_LIFE_SAFETY_BUDGET' | 'QUOTA_REACHED';
  /** Unix ms. */
  readonly at: number;
}

/** Notices not sent yet; a campaign itself remembers what it was told. */
export class Notices {
  private readonly waiting: Notice[] = [];

  tell({ campaignId, tenantId, told, frame }: CampaignQueue, reason: Notice['reason'], at: number): void {
    if (told.has(reason) || !frame) return;
    told.add(reason);
    this.waiting.push({ campaignId, tenantId, lane: frame.lane, reason, at });
  }

  /** What is to be told since it was asked last. */
  take(): Notice[] {
    return this.waiting.splice(0);
  }
}
