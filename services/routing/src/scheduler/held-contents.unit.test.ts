import { describe, expect, it } from 'vitest';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { PlanControlKind } from '@tocsin/contracts/routing/v1/plans';
import { SchedulerWorld } from '../testing/scheduler-world.js';

const retry = (campaignId: string, now: number) => ({
  campaignId,
  tenantId: campaignId,
  channel: 'sms',
  slice: 0,
  items: [{ index: 3, n: 2 }],
  dueAt: now,
  reason: 'RETRY',
});

describe('contents in memory', () => {
  it('are of an alert, though newsletters fill the memory', () => {
    const world = new SchedulerWorld();
    for (let count = 0; count < 1_000; count++) world.plan(world.frame(`news${count}`, { lane: Lane.BULK }), 250);
    expect(world.state.room(Lane.BULK - 1).first).toBe(false);
    world.plan(world.frame('alert', { lane: Lane.LIFE_SAFETY }), 250);
    expect(world.state.queues.get('alert')?.held.items).toBe(250);
    expect(world.turn()[0]?.campaign).toBe('alert');
    expect(world.state.index.heldItems).toBeLessThan(241_000);
  });

  it('are not of what is paused, retries neither', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city'), 1_000);
    world.turn();
    world.state.due(retry('city', world.now), world.now);
    world.load();
    expect(world.state.queues.get('city')?.again.cachedItems).toBe(250);
    world.control('city', PlanControlKind.PAUSE);
    expect(world.state.index.heldItems).toBe(0);
    world.control('city', PlanControlKind.RESUME, 2);
    world.load();
    world.run(3_000);
    expect(world.granted.filter(({ slice, index, n }) => slice === 0 && index === 3 && n === 2)).toHaveLength(1);
  });

  it('stay when a campaign goes on in another lane, retries too', () => {
    const world = new SchedulerWorld(5_000);
    const terms = { lifeSafetyUnits: 300 };
    world.plan(world.frame('flood', { tenant: 'a', lane: Lane.LIFE_SAFETY, terms }), 250);
    world.turn();
    world.run(600);
    world.plan(world.frame('more', { tenant: 'a', lane: Lane.LIFE_SAFETY, terms }), 40);
    const more = world.state.queues.get('more');
    if (!more) throw new Error('no campaign');
    world.state.due(
      { ...retry('more', world.now), items: Array.from({ length: 80 }, (_, index) => ({ index: index + 100, n: 2 })) },
      world.now,
    );
    world.load();
    expect(more.again.cachedItems).toBe(250);
    expect(world.turn()).toHaveLength(120);
    expect(more.lane).toBe(Lane.STANDARD - 1);
  });

  it('are not of a campaign that is no longer stored, which is forgotten with what was never answered of it', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('old'), 20);
    world.turn();
    world.state.due(retry('old', world.now), world.now);
    world.takeOver(world.checkpoint(), world.records.length);
    world.state.due(retry('older', world.now), world.now);
    for (const id of ['old', 'older']) world.state.frameLoaded(id, undefined, world.now);
    expect([...world.state.queues.keys()]).toEqual([]);
    expect(world.state.outstanding.size).toBe(0);
  });
});
