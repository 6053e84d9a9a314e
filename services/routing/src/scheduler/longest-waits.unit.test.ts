import { describe, expect, it } from 'vitest';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { PlanControlKind } from '@tocsin/contracts/routing/v1/plans';
import { OperatorControl } from '@tocsin/contracts/tenants/v1/operations_service';
import { SchedulerWorld } from '../testing/scheduler-world.js';
import { longestWaits } from './longest-waits.js';

const STANDARD = Lane.STANDARD - 1;

function released(world: SchedulerWorld, campaignId: string): void {
  world.plan({ ...world.frame(campaignId), releasedAt: world.now }, 40);
}

describe('who waits longest', () => {
  it('a campaign waits from its release until it is granted something', () => {
    const world = new SchedulerWorld();
    released(world, 'commune');
    expect(longestWaits(world.state, world.now + 7_000).byLane[STANDARD]).toBe(7_000);
    world.turn();
    expect(longestWaits(world.state, world.now).byLane[STANDARD] ?? 0).toBe(0);
  });

  it('one that is paused does not wait: nobody keeps it waiting but its own', () => {
    const world = new SchedulerWorld();
    released(world, 'commune');
    const control = { campaignId: 'commune', tenantId: 'commune', channel: 'sms', kind: PlanControlKind.PAUSE, reason: '' };
    world.state.control(control, 2, world.now);
    expect(longestWaits(world.state, world.now + 7_000)).toEqual({ byLane: [], heldByLane: [], campaigns: [] });
  });

  it('what operators hold is counted apart', () => {
    const world = new SchedulerWorld();
    released(world, 'commune');
    const control = OperatorControl.fromPartial({ key: 'lane:sms:standard' });
    world.state.controls.apply(control, 1);
    const { byLane, heldByLane } = longestWaits(world.state, world.now + 7_000);
    expect([byLane[STANDARD], heldByLane[STANDARD]]).toEqual([undefined, 1]);
  });

  it('names the five that wait longest, the longest first', () => {
    const world = new SchedulerWorld();
    for (let n = 0; n < 8; n++) world.plan({ ...world.frame(`c${n}`), releasedAt: world.now - n * 1_000 }, 40);
    expect(longestWaits(world.state, world.now).campaigns.map(({ queue }) => queue.campaignId)).toEqual(['c7', 'c6', 'c5', 'c4', 'c3']);
  });
});
