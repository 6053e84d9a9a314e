import { describe, expect, it } from 'vitest';
import { PlanLead, rateOf } from './plan-lead.js';

describe('the lead of a plan', () => {
  it('lets ten seconds of dispatch be named at once, then four recipients for each that could be sent', () => {
    const lead = new PlanLead(500, 0, 1_000);
    expect(lead.restMs(5_000, 1_000)).toBe(0);
    expect(lead.restMs(5_250, 1_000)).toBe(125);
    expect(lead.restMs(5_250, 1_100)).toBe(25);
    expect(lead.restMs(9_000, 3_000)).toBe(0);
    expect(lead.restMs(9_000, 2_999)).toBe(1);
  });

  it('counts from where this process took the plan up', () => {
    expect(new PlanLead(500, 100_000, 0).restMs(105_000, 0)).toBe(0);
    expect(new PlanLead(500, 100_000, 0).restMs(107_000, 0)).toBe(1_000);
  });

  it('never rests for a channel without a limit', () => {
    const lead = new PlanLead(rateOf([{ routes: [{ ratePerSecond: 500 }] }, { routes: [] }]), 0, 0);
    expect(lead.restMs(1_000_000, 0)).toBe(0);
    expect(rateOf([{ routes: [{ ratePerSecond: 0 }] }])).toBe(Infinity);
  });

  it('adds up the routes of all channels', () => {
    expect(rateOf([{ routes: [{ ratePerSecond: 500 }, { ratePerSecond: 100 }] }, { routes: [{ ratePerSecond: 150 }] }])).toBe(750);
  });
});
