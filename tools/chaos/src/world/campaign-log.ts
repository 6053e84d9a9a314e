import type { PlannedCampaign } from '../plan/plan-campaigns.js';
import type { NumberRange } from './register.js';

/** What was asked of Tocsin about one campaign and when it was answered; all moments Unix ms. */
export interface CampaignLog {
  readonly planned: PlannedCampaign;
  readonly tenantId: string;
  readonly numbers: NumberRange;
  readonly campaignId: string;
  readonly expiresAt: number;
  readonly calledAt: number;
  readonly answeredAt: number;
  /** Campaign that this one corrects. */
  readonly corrects?: string;
  /** The stop, or the release of a correction, was answered OK; undefined = none was asked, or the campaign had ended before. */
  stoppedAt?: number;
}
