import type { Tally } from '@tocsin/contracts/campaigns/v1/campaign';
import type { ReportedRecipient } from './judge-campaign.js';

/** Recipients whose state in the report the figures of their campaign do not have: 0 when both say the same. */
export function miscounted(tally: Tally, report: readonly ReportedRecipient[]): number {
  const figures: Readonly<Record<string, number>> = {
    delivered: tally.delivered,
    'accepted-closed': tally.acceptedClosed,
    failed: tally.failed,
    suppressed: tally.suppressed,
    expired: tally.expired,
    cancelled: tally.cancelled,
  };
  const reported = new Map<string, number>();
  for (const { state } of report) reported.set(state, (reported.get(state) ?? 0) + 1);
  const ended = Object.entries(figures).reduce((sum, [state, figure]) => sum + Math.abs(figure - (reported.get(state) ?? 0)), 0);
  // One that is counted in the wrong place is missing in one figure and too much in another.
  return Math.max(Math.ceil(ended / 2), Math.abs(tally.recipients - report.length));
}
