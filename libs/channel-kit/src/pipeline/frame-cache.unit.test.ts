import { describe, expect, it } from 'vitest';
import { CampaignFrame } from '@tocsin/contracts/routing/v1/plans';
import { FrameCache } from './frame-cache.js';

const encoded = (campaignId: string, values: Partial<CampaignFrame> = {}): Buffer =>
  Buffer.from(CampaignFrame.encode(CampaignFrame.fromPartial({ campaignId, tenantId: 'ten_1', ...values })).finish());
const id = (number: number): string => `cmp_${String(number).padStart(26, '0')}`;

describe('frames as read before', () => {
  it('are one object for the same bytes, and another for others of the same campaign', () => {
    const cache = new FrameCache();
    const first = cache.read(encoded(id(1), { purpose: 'alert' }));
    expect(first).toMatchObject({ campaignId: id(1), purpose: 'alert' });
    expect(cache.read(encoded(id(1), { purpose: 'alert' }))).toBe(first);
    expect(cache.read(encoded(id(1), { purpose: 'news' }))).toMatchObject({ campaignId: id(1), purpose: 'news' });
    expect(cache.read(encoded(id(2), { purpose: 'alert' }))).toMatchObject({ campaignId: id(2) });
  });

  it('do not follow bytes that are written over after they were read', () => {
    const cache = new FrameCache();
    const bytes = encoded(id(1), { purpose: 'alert' });
    const first = cache.read(bytes);
    bytes.fill(0, 45);
    expect(cache.read(encoded(id(1), { purpose: 'alert' }))).toBe(first);
  });

  it('are forgotten, the oldest first, beyond what memory they may take', () => {
    const cache = new FrameCache();
    const mail = (number: number): Buffer => encoded(id(number), { tenantName: 'x'.repeat(1_000_000) });
    const first = cache.read(mail(0));
    for (let number = 1; number < 7; number++) cache.read(mail(number));
    expect(cache.read(mail(0))).toBe(first);
    for (let number = 7; number < 10; number++) cache.read(mail(number));
    expect(cache.read(mail(0))).not.toBe(first);
  });

  it('are none when the bytes are damaged', () => {
    expect(new FrameCache().read(Buffer.from([0x0a, 0x7f, 0x01]))).toBeUndefined();
  });
});
