import { controlKey } from '@tocsin/contracts';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { ControlKind, ControlTarget, OperatorControl } from '@tocsin/contracts/tenants/v1/operations_service';
import { describe, expect, it } from 'vitest';
import { SchedulerWorld } from '../testing/scheduler-world.js';
import { channelBacklog } from './channel-backlog.js';

const PAUSED = ControlTarget.fromPartial({ kind: ControlKind.PAUSE_LANE, channel: 'sms', lane: Lane.BULK });

function tell(world: SchedulerWorld, target: ControlTarget, version: number, more: { until?: number; lifted?: boolean } = {}): void {
  world.state.controlled(OperatorControl.fromPartial({ key: controlKey(target), target, ...more }), version, world.now);
}

function twoLanes(): SchedulerWorld {
  const world = new SchedulerWorld(500);
  world.plan(world.frame('news', { lane: Lane.BULK, tenant: 'a' }), 1_000);
  world.plan(world.frame('notice', { lane: Lane.STANDARD, tenant: 'b' }), 100);
  return world;
}

describe('what operators hold is not granted', () => {
  it('a paused lane: the others go on, and it goes on when it is let go', () => {
    const world = twoLanes();
    tell(world, PAUSED, 1);
    world.run(2_000);
    expect(new Set(world.granted.map((held) => held.campaign))).toEqual(new Set(['notice']));
    const told = channelBacklog('sms', world.state, world.now).lanes.flatMap(({ tenants }) =>
      tenants.flatMap(({ campaigns }) => campaigns),
    );
    expect(told.map(({ campaignId, paused }) => [campaignId, paused])).toEqual([['news', true]]);
    expect(world.state.notices.take().map((notice) => [notice.campaignId, notice.reason])).toEqual([['news', 'HELD_BY_OPERATOR']]);
    tell(world, PAUSED, 2, { lifted: true });
    world.run(4_000);
    expect(world.granted.filter((held) => held.campaign === 'news')).toHaveLength(1_000);
  });

  it('what was granted and given back is granted once more, and nothing twice', () => {
    const world = twoLanes();
    world.run(1_000);
    tell(world, PAUSED, 1);
    const back = world.held.filter((held) => held.campaign === 'news');
    expect(back.length).toBeGreaterThan(0);
    for (const held of back) world.answer(held, Outcome.RETURNED, 0);
    const before = world.granted.length;
    world.run(1_000);
    expect(world.granted.slice(before)).toEqual([]);
    tell(world, PAUSED, 2, { lifted: true });
    world.run(5_000);
    const news = world.granted.filter((held) => held.campaign === 'news').map(({ slice, index }) => `${slice}.${index}`);
    expect(new Set(news).size).toBe(1_000);
    expect(news).toHaveLength(1_000 + back.length);
  });

  it('a hold that ends by itself lets go soon after its end', () => {
    const world = twoLanes();
    const until = world.now + 1_000;
    tell(world, PAUSED, 1, { until });
    world.run(6_000);
    const first = world.granted.find((held) => held.campaign === 'news');
    expect((first?.at ?? 0) - until).toBeGreaterThan(0);
    expect((first?.at ?? 0) - until).toBeLessThan(3_000);
  });

  it('a life-safety campaign beyond its budget is not held by a pause of the lane it goes on in', () => {
    const world = new SchedulerWorld(500);
    world.plan(world.frame('alert', { lane: Lane.LIFE_SAFETY, terms: { lifeSafetyUnits: 10 } }), 200);
    tell(world, ControlTarget.fromPartial({ kind: ControlKind.PAUSE_LANE, channel: 'sms', lane: Lane.STANDARD }), 1);
    world.run(2_000);
    expect(world.granted).toHaveLength(200);
  });

  it.each([
    ['a campaign', ControlTarget.fromPartial({ kind: ControlKind.PAUSE_CAMPAIGN, campaignId: 'news' })],
    ['a tenant', ControlTarget.fromPartial({ kind: ControlKind.SUSPEND_TENANT, tenantId: 'a' })],
  ])('%s', (_label, target) => {
    const world = twoLanes();
    tell(world, target, 1);
    world.run(2_000);
    expect(new Set(world.granted.map((held) => held.campaign))).toEqual(new Set(['notice']));
  });

  it('expires while it is held, and the ledger is told', () => {
    const world = new SchedulerWorld(500);
    world.plan(world.frame('news', { lane: Lane.BULK, expiresAt: world.now + 1_000 }), 100);
    tell(world, PAUSED, 1);
    world.run(2_000);
    expect(world.granted).toEqual([]);
    expect(world.state.closings().map((queue) => queue.closing?.reason)).toEqual(['EXPIRED']);
  });
});
