import { describe, expect, it } from 'vitest';
import { AcceptedAttempts } from './accepted-attempts.js';

const facts = (index: number, ...receiptKeys: string[]) => ({
  campaignId: `cmp_${index}`,
  tenantId: `ten_${index}`,
  traceparent: `00-${index}`,
  slice: 70_000 + index,
  index,
  n: 2,
  receiptKeys,
  addressHash: Buffer.alloc(16, index),
});

describe('accepted attempts', () => {
  it('finds the delivery of a receipt and the latest of a hash', () => {
    const attempts = new AcceptedAttempts(10);
    attempts.add(facts(249, 'p:A'));
    expect(attempts.match('p:A')).toEqual({
      campaignId: 'cmp_249',
      tenantId: 'ten_249',
      traceparent: '00-249',
      slice: 70_249,
      index: 249,
      n: 2,
      lastPart: true,
    });
    expect(attempts.match('p:B')).toBeUndefined();
    attempts.add({ ...facts(1, 'p:C'), addressHash: Buffer.alloc(16, 249) });
    expect(attempts.latestOf(Buffer.alloc(16, 249))?.tenantId).toBe('ten_1');
  });

  it('knows the last part of a message', () => {
    const attempts = new AcceptedAttempts(10);
    attempts.add(facts(1, 'p:A', 'p:B'));
    expect([attempts.match('p:A')?.lastPart, attempts.match('p:B')?.lastPart]).toEqual([false, true]);
  });

  it('lets the newest have an id that a provider uses again, and its receipts go to nobody else', () => {
    const attempts = new AcceptedAttempts(2);
    attempts.add(facts(1, 'p:A'));
    attempts.add(facts(2, 'p:A'));
    expect(attempts.match('p:A')?.index).toBe(2);
    attempts.add(facts(3, 'p:C'));
    expect(attempts.match('p:A')?.index).toBe(2);
  });

  it('changes nothing when told twice, and forgets the oldest when full', () => {
    const attempts = new AcceptedAttempts(3);
    for (const index of [1, 1, 2, 3, 4]) attempts.add(facts(index, `p:${index}`, `p:${index}b`));
    expect(attempts.match('p:1')).toBeUndefined();
    expect(attempts.match('p:1b')).toBeUndefined();
    expect(attempts.latestOf(Buffer.alloc(16, 1))).toBeUndefined();
    expect([2, 3, 4].map((index) => attempts.match(`p:${index}b`)?.index)).toEqual([2, 3, 4]);
    expect([attempts.size, attempts.evicted]).toEqual([3, 1]);
  });
});
