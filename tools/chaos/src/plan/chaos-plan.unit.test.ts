import { describe, expect, it } from 'vitest';
import { planChaos, type ChaosPlan } from './chaos-plan.js';
import { FAULT_KINDS } from './fault-kinds.js';
import { faultCount, type Subjects } from './plan-faults.js';

const SUBJECTS: Subjects = {
  'any-service': ['gateway', 'routing', 'routing-2'],
  channel: ['channel-sms', 'channel-sms-2'],
  site: ['1', '2'],
  broker: ['kafka'],
  store: ['store'],
  provider: ['sms', 'email'],
  'sms-provider': ['sms'],
  'clocked-service': ['campaigns'],
  link: ['kafka'],
};

const planOf = (seed: number, minutes = 20, kinds = FAULT_KINDS, subjects = SUBJECTS): ChaosPlan =>
  planChaos({
    seed,
    kinds,
    subjects,
    load: { runMs: minutes * 60_000, smsRate: 200, cityContacts: 24_000 },
    faultCount: faultCount(minutes),
  });

describe('the plan of a run', () => {
  it('is decided by the seed', () => {
    expect(planOf(7)).toEqual(planOf(7));
    expect(planOf(7).faults).not.toEqual(planOf(8).faults);
    expect(planOf(7).campaigns).not.toEqual(planOf(8).campaigns);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('has at least 40 faults of every kind within 20 minutes, all over before the end (seed %i)', (seed) => {
    const { faults } = planOf(seed);
    expect(faults.length).toBeGreaterThanOrEqual(40);
    expect(new Set(faults.map(({ kind }) => kind)).size).toBe(FAULT_KINDS.length);
    expect(faults.every(({ at, lasts }) => at >= 10_000 && at + lasts < 20 * 60_000)).toBe(true);
    expect(faults.toSorted((a, b) => a.at - b.at)).toEqual(faults);
  });

  it('leaves most faults alone and lets some overlap the one before', () => {
    const { faults } = planOf(3);
    const together = faults.filter((fault, place) => {
      const before = faults[place - 1];
      return before !== undefined && before.at + before.lasts > fault.at;
    });
    expect(together.length).toBeGreaterThan(1);
    expect(together.length).toBeLessThan(faults.length / 2);
  });

  it('offers more than 100,000 messages in 20 minutes, every act and lane among them, and a life-safety campaign in each fault', () => {
    const { campaigns, tenants, faults } = planOf(5);
    const messages = campaigns.reduce((sum, { tenant }) => sum + (tenants[tenant]?.contacts ?? 0), 0);
    expect(messages).toBeGreaterThan(150_000);
    expect(new Set(campaigns.map(({ act }) => act.kind))).toEqual(new Set(['none', 'stop', 'pause', 'correct']));
    expect(new Set(campaigns.map(({ lane }) => lane)).size).toBe(4);
    expect(campaigns.filter(({ lane }) => lane === 'life-safety').map(({ duringFault }) => duringFault)).toHaveLength(faults.length);
  });

  it('leaves out what cannot be hit', () => {
    const kinds = new Set(planOf(5, 20, FAULT_KINDS, { ...SUBJECTS, link: [] }).faults.map(({ kind }) => kind));
    expect([kinds.has('network-cut'), kinds.has('kill-broker')]).toEqual([false, true]);
  });

  it('fits a short run: fewer kinds, still inside', () => {
    const { faults } = planOf(5, 1.5);
    expect(faults).toHaveLength(3);
    expect(faults.every(({ at, lasts }) => at + lasts < 90_000)).toBe(true);
  });
});
