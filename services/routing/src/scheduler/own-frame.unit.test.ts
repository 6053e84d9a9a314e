import { describe, expect, it } from 'vitest';
import { PlanSlice } from '@tocsin/contracts/routing/v1/plans';
import { ownFrame } from './own-frame.js';

describe('a frame that is kept', () => {
  it('keeps nothing else that was decoded with it', () => {
    const items = Array.from({ length: 20 }, (_, index) => ({ index, n: 1, cost: 1, box: Buffer.alloc(90, index) }));
    const frame = { campaignId: 'cmp_A', tenantId: 'ten_1', sealKey: { keyId: 'k', wrapped: Buffer.alloc(60, 7) } };
    const read = PlanSlice.decode(PlanSlice.encode(PlanSlice.fromPartial({ frame, items })).finish()).frame;
    if (!read) throw new Error('there is one');
    const kept = ownFrame(read);
    expect(kept).toEqual(read);
    expect(read.sealKey?.wrapped.buffer.byteLength).toBeGreaterThan(4_096);
    expect(kept.sealKey?.wrapped.buffer.byteLength).toBe(60);
    expect(ownFrame({ ...read, sealKey: undefined }).sealKey).toBeUndefined();
  });
});
