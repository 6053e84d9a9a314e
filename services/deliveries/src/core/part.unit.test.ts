import { describe, expect, it } from 'vitest';
import type { Closing } from './closing.js';
import type { SliceCounts } from './counts.js';
import { addClosing, closePlan, isSettled, needsWatching, newPart, type Part, tallyOf } from './part.js';
import { fromPartDocument, toPartDocument } from './part-document.js';
import { PlanClosed } from '@tocsin/contracts/deliveries/v1/planned';

function counts(recipients: number[], channels: Record<string, number[]>): SliceCounts {
  return {
    recipients: Uint8Array.from(recipients),
    channels: new Map(Object.entries(channels).map(([channel, row]) => [channel, Uint8Array.from(row)])),
  };
}

function sample(): Part {
  const part = newPart('cmp_a', 4, 'ten_a');
  part.slices.set(7, {
    counts: counts([250, 200, 0, 20, 0, 0, 0], { sms: [250, 250, 230, 200, 0, 20, 0, 0, 0, 0, 3] }),
    timer: 1_800_000_000_123,
  });
  part.slices.set(12, { counts: counts([10, 4, 6, 0, 0, 0, 0], { email: [6, 6, 6, 0, 0, 0, 0, 0, 0, 0, 0] }), timer: 0 });
  closePlan(part, PlanClosed.fromPartial({ slices: 20, recipients: 5_000, notReachable: [{ reason: 'NO_ADDRESS', count: 9 }] }));
  return part;
}

const closing: Closing = { channel: 'sms', reason: 'EXPIRED', cursorSlice: 3, cursorIndex: 9, outstanding: new Set(['3:1', '3:2']), at: 5 };

describe('a part of a campaign', () => {
  it('adds up its slices', () => {
    const tally = tallyOf(sample());
    expect(tally).toMatchObject({
      recipients: 260,
      delivered: 204,
      acceptedClosed: 6,
      failed: 20,
      terminal: 230,
      pending: 30,
      plannedSlices: 2,
      planClosed: true,
    });
    expect(tally.channels.map((row) => [row.channel, row.deliveries, row.possibleDuplicates])).toEqual([
      ['email', 6, 0],
      ['sms', 250, 3],
    ]);
  });

  it('is the same after a stay in the store', () => {
    const part = sample();
    addClosing(part, closing);
    expect(fromPartDocument(toPartDocument(part, 3))).toEqual(part);
  });

  it('keeps the last close of a channel', () => {
    const part = sample();
    addClosing(part, closing);
    addClosing(part, { ...closing, cursorSlice: 8 });
    expect(part.closings.map((kept) => kept.cursorSlice)).toEqual([8]);
  });

  const rows: { says: string; change: (part: Part) => void; expected: boolean }[] = [
    { says: 'a pending recipient or a timer keeps it open', change: () => undefined, expected: false },
    { says: 'without them it is settled', change: (part) => part.slices.delete(7), expected: true },
    {
      says: 'a timer alone keeps it open',
      change: (part) => part.slices.set(7, { counts: counts([1, 1, 0, 0, 0, 0, 0], {}), timer: 5 }),
      expected: false,
    },
    {
      says: 'an open plan keeps it open',
      change: (part) => {
        part.slices.delete(7);
        part.plan = null;
      },
      expected: false,
    },
  ];
  it.each(rows)('$says', ({ change, expected }) => {
    const part = sample();
    change(part);
    expect(isSettled(part)).toBe(expected);
  });

  it('is not watched when it only heard of a close: the end of the plan may have been told before', () => {
    const part = newPart('cmp_a', 4, 'ten_a');
    addClosing(part, closing);
    expect(isSettled(part)).toBe(false);
    expect(needsWatching(part)).toBe(false);
    expect(needsWatching(sample())).toBe(true);
  });
});
