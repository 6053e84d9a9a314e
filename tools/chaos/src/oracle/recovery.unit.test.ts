import { describe, expect, it } from 'vitest';
import { latencies, recoveryOf } from './recovery.js';

/** So many SMS a second in [from, to), Unix s. */
const send = (from: number, to: number, rate: number) =>
  Array.from({ length: (to - from) * rate }, (_, index) => ({ at: from * 1_000 + Math.floor((index * 1_000) / rate), campaignId: 'c' }));

describe('how a send comes back after a fault', () => {
  it('is seen from the first message and from the rate of before', () => {
    const sms = [...send(0, 20, 100), ...send(28, 34, 50), ...send(34, 60, 100)];
    expect(recoveryOf(sms, 20_000, 60_000)).toEqual({ rateBefore: 100, firstAfterMs: 8_000, wholeAfterMs: 13_500 });
  });

  it('is never whole where the rate stays below, or falls again before the end', () => {
    expect(recoveryOf([...send(0, 20, 100), ...send(21, 60, 90)], 20_000, 60_000).wholeAfterMs).toBeUndefined();
    expect(recoveryOf([...send(0, 50, 100), ...send(50, 60, 20)], 20_000, 60_000).wholeAfterMs).toBeUndefined();
  });

  it('tells when nothing came at all', () => {
    expect(recoveryOf(send(0, 20, 10), 20_000, 60_000)).toMatchObject({ firstAfterMs: undefined, wholeAfterMs: undefined });
  });

  it('takes campaigns by the moment of their release', () => {
    const campaigns = [1_000, 2_000, 3_000].map((calledAt) => ({ calledAt, lastAt: calledAt + calledAt / 10 }));
    expect(latencies(campaigns, 1_000, 3_000)).toEqual({ campaigns: 2, p50: 100, p99: 200 });
  });
});
