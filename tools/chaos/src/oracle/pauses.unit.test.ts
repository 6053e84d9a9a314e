import { describe, expect, it } from 'vitest';
import type { FaultLog } from '../faults/fault-log.js';
import { pauseOf, pausesByKind, type SmsTaken } from './pauses.js';

const fault = (more: Partial<FaultLog> = {}): FaultLog => ({
  index: 0,
  kind: 'kill-broker',
  subject: 'kafka',
  startedAt: 10_000,
  endedAt: 12_000,
  inDoubt: 0,
  overlapped: false,
  ...more,
});
const taken = (...stamps: number[]): SmsTaken[] => stamps.map((at) => ({ at, campaignId: 'c' }));
const RELEASED = new Map([['c', 0]]);

describe('the pause around a fault', () => {
  it('is the longest gap that touches it, the one under way at its begin included', () => {
    expect(pauseOf(fault(), taken(1_000, 9_900, 14_400, 15_000, 16_000), RELEASED)).toBe(4_500);
  });
  it('does not count what came long after it', () => {
    expect(pauseOf(fault(), taken(9_900, 10_100, 14_000, 15_100, 90_000), RELEASED)).toBe(3_900);
  });
  it('begins with the release when nothing was there to send before', () => {
    expect(pauseOf(fault(), [...taken(9_900), { at: 14_000, campaignId: 'd' }], new Map([['d', 13_200]]))).toBe(800);
  });
  it('is counted by kind, of faults that were alone', () => {
    const sms = taken(9_900, 14_900, 15_000);
    expect(pausesByKind([fault(), fault({ overlapped: true, kind: 'kill-store' })], sms, RELEASED)).toEqual({
      'kill-broker': { faults: 1, p50: 5_000, p99: 5_000 },
    });
  });
});
