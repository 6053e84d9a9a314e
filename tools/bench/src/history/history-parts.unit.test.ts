import { describe, expect, it } from 'vitest';
import { addTallies } from '@tocsin/contracts';
import { pastLedger } from './past-ledger.js';
import { providerHistory, type HistoryWish } from './provider-history.js';

const DAY_MS = 86_400_000;
const wish: HistoryWish = {
  campaigns: 3_000,
  deliveries: 300_000,
  days: 55,
  registers: Array.from({ length: 80 }, (_, tenant) => (tenant === 0 ? 5_000 : 100 + tenant * 3)),
  now: 1_800_000_000_000,
  seed: 7,
};

describe('the past of a provider', () => {
  const past = providerHistory(wish);

  it('has exactly the campaigns and deliveries asked for, oldest first, within its days', () => {
    expect(past).toHaveLength(3_000);
    expect(past.reduce((sum, { recipients }) => sum + recipients, 0)).toBe(300_000);
    expect(past.map(({ releasedAt }) => releasedAt)).toEqual(past.map(({ releasedAt }) => releasedAt).toSorted((a, b) => a - b));
    expect(past[0]?.releasedAt).toBeGreaterThan(wish.now - 55 * DAY_MS);
    expect(past.at(-1)?.releasedAt).toBeLessThan(wish.now);
  });

  it('reaches nobody who is not in the register, and leaves no tenant out or with more than a list takes', () => {
    expect(past.every(({ tenant, recipients }) => recipients >= 1 && recipients <= (wish.registers[tenant] ?? 0))).toBe(true);
    const counts = wish.registers.map((_, tenant) => past.filter((campaign) => campaign.tenant === tenant).length);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(Math.max(...counts)).toBeLessThanOrEqual(400);
  });

  it('is the same for the same seed, and another for another', () => {
    expect(providerHistory(wish)).toEqual(past);
    expect(providerHistory({ ...wish, seed: 8 })).not.toEqual(past);
  });

  it('refuses more than its registers hold', () => {
    expect(() => providerHistory({ ...wish, deliveries: 100_000_000 })).toThrow(RangeError);
  });
});

describe('the ledger of a campaign of the past', () => {
  const send = {
    campaignId: 'cmp_A',
    tenantId: 'ten_A',
    recipients: 620,
    releasedAt: wish.now,
    expiresAt: wish.now + DAY_MS,
    channel: 'sms',
  };
  const { slices, parts, tallies } = pastLedger(send);

  it('has a slice of 250 each and names every recipient once', () => {
    const contacts = slices.flatMap((slice) => slice.contacts.split('\n'));
    expect(slices.map((slice) => slice.contacts.split('\n').length)).toEqual([250, 250, 120]);
    expect(new Set(contacts).size).toBe(620);
    expect(contacts[251]).toBe('con_1_1');
  });

  it('has ended: everybody is terminal, no timer is left, and parts and tallies say the same', () => {
    const sum = addTallies(tallies.flatMap(({ tally }) => tally ?? []));
    expect(sum).toMatchObject({ recipients: 620, terminal: 620, pending: 0, planClosed: true, plannedSlices: 3 });
    expect(sum.failed).toBe(8 * 3);
    expect(sum.acceptedClosed).toBe(8 * 5);
    expect(parts.map(({ partition }) => partition)).toEqual(tallies.map(({ partition }) => partition));
    expect(parts.every(({ timers }) => timers.every((byte) => byte === 0))).toBe(true);
  });
});
