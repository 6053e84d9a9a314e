import { describe, expect, it } from 'vitest';
import { Tally } from '@tocsin/contracts/campaigns/v1/campaign';
import type { ReportedRecipient } from './judge-campaign.js';
import { miscounted } from './judge-tally.js';

const rows = (...states: readonly string[]): ReportedRecipient[] =>
  states.map((state, index) => ({ contactId: `con_${index}`, terminal: state !== 'accepted', state, deliveries: [] }));

describe('the figures of a campaign beside its report', () => {
  it('say the same when each end is counted once', () => {
    const tally = Tally.fromPartial({ recipients: 4, delivered: 2, acceptedClosed: 1, pending: 1 });
    expect(miscounted(tally, rows('delivered', 'delivered', 'accepted-closed', 'accepted'))).toBe(0);
  });

  it('are off by those in another place', () => {
    const tally = Tally.fromPartial({ recipients: 3, delivered: 1, failed: 2 });
    expect(miscounted(tally, rows('delivered', 'delivered', 'delivered'))).toBe(2);
  });

  it('are off by those that stay pending though their end is reported', () => {
    const tally = Tally.fromPartial({ recipients: 2, delivered: 1, pending: 1 });
    expect(miscounted(tally, rows('delivered', 'delivered'))).toBe(1);
  });

  it('are off by those nobody counts', () => {
    const tally = Tally.fromPartial({ recipients: 1, delivered: 1 });
    expect(miscounted(tally, rows('delivered', 'accepted'))).toBe(1);
  });
});
