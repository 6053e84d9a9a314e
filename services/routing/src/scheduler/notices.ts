import type { Lane } from '@tocsin/contracts/common/v1/common';
import type { CampaignQueue } from './campaign-queue.js';

/** What the agents of a campaign are told about its speed, once a channel. */
export interface Notice {
  readonly campaignId: string;
  readonly tenantId: string;
  readonly lane: Lane;
  readonly reason: 'BEYOND_LIFE_SAFETY_BUDGET' | 'QUOTA_REACHED' | 'HELD_BY_OPERATOR';
  /** Unix ms. */
  readonly at: number;
}

/** Notices that Kafka does not have yet. A campaign remembers what it was told only once it has: a checkpoint before that must not say so. */
export class Notices {
  private waiting: Notice[] = [];
  /** Waiting or on their way. */
  private readonly open = new Set<string>();

  tell({ campaignId, tenantId, told, frame }: CampaignQueue, reason: Notice['reason'], at: number): void {
    const key = keyOf(campaignId, reason);
    if (told.has(reason) || !frame || this.open.has(key)) return;
    this.open.add(key);
    this.waiting.push({ campaignId, tenantId, lane: frame.lane, reason, at });
  }

  /** What is to be sent now; say afterwards what became of it. */
  take(): Notice[] {
    return this.waiting.splice(0);
  }

  sent(notices: readonly Notice[], queues: ReadonlyMap<string, CampaignQueue>): void {
    for (const { campaignId, reason } of notices) {
      this.open.delete(keyOf(campaignId, reason));
      queues.get(campaignId)?.told.add(reason);
    }
  }

  /** They are taken once more. */
  failed(notices: readonly Notice[]): void {
    this.waiting.push(...notices);
  }
}

function keyOf(campaignId: string, reason: string): string {
  return `${campaignId} ${reason}`;
}
