import { describe, expect, it } from 'vitest';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { PlanControlKind } from '@tocsin/contracts/routing/v1/plans';
import { SchedulerWorld } from '../testing/scheduler-world.js';
import { channelBacklog, tellChangeMs, tellEveryMs } from './channel-backlog.js';

function told(world: SchedulerWorld): Record<string, { units: number; paused: boolean; pace: number; lane: Lane; weight: number }> {
  const { lanes } = channelBacklog('sms', world.state, world.now);
  const rows = lanes.flatMap(({ lane, tenants }) =>
    tenants.flatMap(({ weight, campaigns }) =>
      campaigns.map(({ campaignId, units, paused, pace }) => [campaignId, { units, paused, pace, lane, weight }]),
    ),
  );
  return Object.fromEntries(rows) as ReturnType<typeof told>;
}

const units = (world: SchedulerWorld): Record<string, number> =>
  Object.fromEntries(Object.entries(told(world)).map(([id, row]) => [id, row.units]));

describe('what a channel says it has to do', () => {
  it('counts what is planned and not handed over, whatever was granted', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city', { weight: 3 }), 1_000, 250, 2);
    expect(told(world)['city']).toEqual({ units: 2_000, paused: false, pace: 0, lane: Lane.STANDARD, weight: 3 });
    world.turn();
    expect(units(world)['city']).toBe(2_000);
    world.serve(10);
    expect(units(world)['city']).toBe(1_980);
  });

  it('says nothing more of a campaign that is done', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('commune'), 40);
    world.run(500);
    expect(told(world)).toEqual({});
  });

  it('while an audience is walked it counts what the preview expects, then what is there', () => {
    const world = new SchedulerWorld();
    const frame = { ...world.frame('city'), expectedUnits: 5_000 };
    world.state.planSlice(world.slice(frame, 0, 250), world.now);
    expect(units(world)['city']).toBe(5_000);
    world.state.planEnd({ campaignId: 'city', tenantId: 'city', channel: 'sms', slices: 1 });
    expect(units(world)['city']).toBe(250);
  });

  it('a slice announced twice counts once', () => {
    const world = new SchedulerWorld();
    world.state.planSlice(world.slice(world.frame('city'), 0, 250), world.now);
    world.state.planSlice(world.slice(world.frame('city'), 0, 250), world.now);
    expect(units(world)['city']).toBe(250);
  });

  it('the next owner counts the same: from the checkpoint and the grants since', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city'), 2_000, 250, 3);
    world.run(300);
    const checkpoint = world.checkpoint();
    const records = world.records.length;
    world.run(300);
    const before = units(world)['city'] ?? 0;
    // What was granted since is outstanding again for the new owner, until the attempts since are read.
    const granted = world.granted.length - world.held.length;
    world.takeOver(checkpoint, records);
    expect(units(world)['city']).toBeGreaterThanOrEqual(before);
    expect(units(world)['city']).toBeLessThanOrEqual(before + granted * 3);
  });

  it('is told right after a takeover, whatever was planned and granted since the checkpoint', () => {
    const world = new SchedulerWorld();
    const city = world.frame('city');
    const slices = [0, 1, 2].map((slice) => world.slice(city, slice, 250, 2));
    const plan = (...from: typeof slices): void => from.forEach((slice) => world.state.planSlice(slice, world.now));
    plan(...slices.slice(0, 1));
    const checkpoint = world.checkpoint();
    plan(...slices.slice(1));
    world.turn();
    world.run(1_200);
    const granted = world.granted.length;
    expect(granted).toBeGreaterThan(250);
    const before = units(world)['city'];
    // Partitions are read back side by side, in any order.
    world.records.reverse();
    world.takeOver(checkpoint, 0, 0);
    plan(...slices.slice(1));
    expect(units(world)['city']).toBe(before);
  });

  it('says what is paused, by pace or by hand, and nothing of what is stopped', () => {
    const world = new SchedulerWorld();
    world.plan({ ...world.frame('slow'), pace: { spreadSeconds: 100, perMinute: 0 } }, 500);
    world.plan({ ...world.frame('desk'), pace: { spreadSeconds: 0, perMinute: 30 }, estimatedRecipients: 250 }, 250, 250, 2);
    world.plan(world.frame('held'), 100);
    world.plan(world.frame('stopped'), 100);
    world.control('held', PlanControlKind.PAUSE);
    world.control('stopped', PlanControlKind.CANCEL);
    expect(told(world)['slow']?.pace).toBe(5);
    expect(told(world)['desk']?.pace).toBe(1);
    expect(told(world)['held']?.paused).toBe(true);
    expect(told(world)['stopped']).toBeUndefined();
  });

  it('says what quotas leave whoever has one, as long as something of it is used or wanted', () => {
    const world = new SchedulerWorld();
    const quotas = () => channelBacklog('sms', world.state, world.now).quotas;
    world.plan(world.frame('free'), 40);
    world.plan(world.frame('bound', { terms: { unitsPerDay: 86_400 } }), 40);
    expect(quotas()).toEqual([{ tenantId: 'bound', quotas: [{ units: 86_400, perSecond: 1 }] }]);
    world.run(2_000);
    expect(told(world)).toEqual({});
    expect(quotas()[0]?.quotas[0]?.units).toBeCloseTo(86_400 - 40 + 2, 0);
    world.now += 60_000;
    expect(quotas()).toEqual([]);
  });

  it('the rate of the live shares, and what came lately', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('a', { lane: Lane.URGENT }), 300);
    const { rate, lanes } = channelBacklog('sms', world.state, world.now);
    expect(rate).toBe(500);
    expect(lanes.map(({ lane, arrivalUnits }) => [lane, arrivalUnits])).toEqual([
      [Lane.LIFE_SAFETY, 0],
      [Lane.URGENT, 250],
      [Lane.STANDARD, 0],
      [Lane.BULK, 0],
    ]);
  });

  it('what was stopped came for what it sent', () => {
    const world = new SchedulerWorld();
    world.plan({ ...world.frame('city', { lane: Lane.URGENT }), expectedUnits: 300 }, 300);
    world.turn();
    world.serve(10);
    world.control('city', PlanControlKind.CANCEL);
    world.control('city', PlanControlKind.CANCEL, 3);
    const urgent = channelBacklog('sms', world.state, world.now).lanes.find(({ lane }) => lane === Lane.URGENT);
    expect(urgent?.arrivalUnits).toBeCloseTo(10, 1);
  });

  it('thousands are named up to a bound and told less often', () => {
    const world = new SchedulerWorld();
    for (let count = 0; count < 5_010; count++) world.state.planSlice(world.slice(world.frame(`c${count}`), 0, 2), world.now);
    const backlog = channelBacklog('sms', world.state, world.now);
    const standard = backlog.lanes.find(({ lane }) => lane === Lane.STANDARD);
    expect(standard?.tenants).toHaveLength(5_000);
    expect(standard).toMatchObject({ unnamedUnits: 20, unnamedCampaigns: 10 });
    expect(tellEveryMs(backlog)).toBe(5_000);
  });

  it('what comes and goes is told soon, but not four times a second where there are thousands', () => {
    expect([1_000, 5_000].map(tellChangeMs)).toEqual([250, 1_250]);
  });
});
