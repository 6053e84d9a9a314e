import { describe, expect, it } from 'vitest';
import { PlanEnd, PlanSlice } from './gen/tocsin/routing/v1/plans.js';
import { encodeMessage } from './encode-message.js';

const end = PlanEnd.fromPartial({ campaignId: 'cmp_X', channel: 'sms', slices: 3 });

describe('encoding', () => {
  it('gives the bytes the message itself gives, and they stay as they are', () => {
    const first = encodeMessage(PlanEnd, end);
    const other = encodeMessage(PlanEnd, PlanEnd.fromPartial({ campaignId: 'cmp_Y', slices: 70_000 }));
    expect(first).toEqual(Buffer.from(PlanEnd.encode(end).finish()));
    expect(PlanEnd.decode(other).campaignId).toBe('cmp_Y');
  });

  it('leaves nothing behind of a message that cannot be written', () => {
    expect(() => encodeMessage(PlanEnd, { ...end, slices: -1 })).toThrow('invalid uint32');
    expect(encodeMessage(PlanEnd, end)).toEqual(Buffer.from(PlanEnd.encode(end).finish()));
  });

  it('writes a message above what it keeps room for', () => {
    const items = [
      { index: 1, box: Buffer.alloc(3_000_000, 7), addressHash: Buffer.alloc(16), domainHash: Buffer.alloc(0), cost: 1, n: 1 },
    ];
    const slice = PlanSlice.fromPartial({ slice: 1, items });
    expect(PlanSlice.decode(encodeMessage(PlanSlice, slice))).toEqual(slice);
    expect(encodeMessage(PlanEnd, end)).toHaveLength(PlanEnd.encode(end).finish().length);
  });
});
