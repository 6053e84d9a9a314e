import { describe, expect, it } from 'vitest';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { PlanControlKind } from '@tocsin/contracts/routing/v1/plans';
import { OUTSTANDING_SLACK_MS } from './campaign-index.js';
import { SchedulerWorld, type Held } from '../testing/scheduler-world.js';

const places = (held: readonly Held[]): string[] => held.map((one) => `${one.campaign}/${one.slice}/${one.index}#${one.n}`);
const twice = (held: readonly Held[]): string[] => places(held).filter((place, at, all) => all.indexOf(place) !== at);
const due = (campaignId: string, slice: number, items: { index: number; n: number }[], dueAt: number) => ({
  campaignId,
  tenantId: campaignId,
  channel: 'sms',
  slice,
  items,
  dueAt,
  reason: 'RETRY',
});

describe('granting', () => {
  it('grants every recipient of a plan once, in order, and holds a few slices only', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city'), 5_000);
    expect(world.state.queues.get('city')?.held.items).toBeLessThanOrEqual(3 * 250);
    world.turn();
    const served = world.run(12_000);
    expect(served).toHaveLength(5_000);
    expect(twice(world.granted)).toEqual([]);
    expect(world.state.queues.size).toBe(0);
    expect(world.state.finished.get('city')).toEqual({ slices: 20, closed: false });
  });

  it('keeps only a small window unanswered, and a tenant’s first slice beyond it', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city'), 20_000);
    world.turn();
    const window = world.state.window.size(world.state.shares.live(world.now));
    expect(window).toBeGreaterThanOrEqual(80);
    expect(window).toBeLessThanOrEqual(130);
    expect(world.held.length).toBeLessThanOrEqual(window + 251);
    world.run(2_000);
    expect(world.held.length).toBeLessThanOrEqual(window + 1);
  });

  it('grants nothing while no share is alive, and goes on when one reports', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('commune'), 20);
    world.now += 3_000;
    expect(world.turn()).toEqual([]);
    world.report();
    expect(world.turn()).toHaveLength(20);
  });

  it('gives grants to the live share with the least outstanding', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city'), 5_000);
    world.turn();
    const byShare = [0, 1, 2, 3].map((share) => world.held.filter((held) => held.share === share).length);
    expect(Math.max(...byShare) - Math.min(...byShare)).toBeLessThanOrEqual(9);
  });

  it('goes on at the rate of the shares that live, whatever lies with an owner that is gone, and forgets nothing of that', () => {
    const world = new SchedulerWorld();
    const owners = { a: [0, 1], b: [2, 3] };
    const report = (instanceId: 'a' | 'b'): void => {
      const routes = [{ routeId: 'r', bound: true, ratePerSecond: 250 }];
      const facts = { held: [], drainRate: 0, roundTrip: 20, inDoubt: 0, reportedAt: world.now };
      world.state.shares.report({ channel: 'sms', instanceId, shares: owners[instanceId], routes, ...facts }, world.now);
    };
    /** The first instance sends 250 a second, the second one nothing more. */
    const served = (ms: number): number => {
      let count = 0;
      for (let passed = 0; passed < ms; passed += 10) {
        world.now += 10;
        if (passed % 1_000 === 0) report('a');
        const own = world.held.filter(({ share }) => share < 2).toSorted((x, y) => x.order[1] - y.order[1]);
        for (const held of own.slice(0, passed % 20 === 0 ? 3 : 2)) count += (world.answer(held), 1);
        world.load();
        world.turn();
      }
      return count;
    };
    world.now += 3_000;
    report('a');
    report('b');
    world.plan(world.frame('city'), 20_000);
    world.turn();
    served(3_000);
    const stuck = world.held.filter(({ share }) => share >= 2).length;
    expect(stuck).toBeGreaterThan(20);
    expect(served(4_000) / 4).toBeGreaterThan(240);
    expect(world.held.filter(({ share }) => share >= 2)).toHaveLength(stuck);
    expect(world.held.length - stuck).toBeLessThan(100);
  });

  it('lets a commune pass in the middle of a city at its fair part', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city'), 20_000);
    world.turn();
    world.run(3_000);
    const commune = world.frame('commune');
    const released = world.now;
    world.plan(commune, 20);
    world.turn();
    let done = 0;
    while (done < 20 && world.now < released + 2_000) done += world.run(10).filter((held) => held.campaign === 'commune').length;
    // 20 items at half of 500/s are 80 ms; the loop adds a turn or two.
    expect(world.now - released).toBeLessThanOrEqual(120);
  });

  it('shares by weight between backlogged tenants', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('a', { weight: 1 }), 10_000);
    world.plan(world.frame('b', { weight: 4 }), 10_000);
    world.turn();
    world.run(2_000);
    const served = world.run(4_000);
    const part = served.filter((held) => held.campaign === 'b').length / served.length;
    expect(part).toBeGreaterThan(0.78);
    expect(part).toBeLessThan(0.82);
  });

  it('never holds life-safety behind a full window of others', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city'), 20_000);
    world.turn();
    world.plan(world.frame('flood', { lane: Lane.LIFE_SAFETY }), 300);
    const granted = world.turn();
    expect(granted.filter((held) => held.campaign === 'flood')).toHaveLength(300);
    expect(granted.filter((held) => held.campaign === 'city')).toHaveLength(0);
  });

  it('charges the true cost of attempts', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('a'), 10_000);
    world.plan(world.frame('b'), 10_000);
    world.turn();
    const cost = (held: Held): number => (held.campaign === 'a' ? 3 : 1);
    const served: Held[] = [];
    for (let passed = 0; passed < 6_000; passed += 10) {
      world.now += 10;
      if (passed % 1_000 === 0) world.report();
      const next = [...world.held].sort((x, y) => x.tag - y.tag).slice(0, 5);
      for (const held of next) world.answer(held, Outcome.ACCEPTED, cost(held));
      served.push(...next);
      world.load();
      world.turn();
    }
    const late = served.slice(-1_000);
    const a = late.filter((held) => held.campaign === 'a').length;
    expect(a / late.length).toBeGreaterThan(0.22);
    expect(a / late.length).toBeLessThan(0.28);
  });
});

describe('what agents decide', () => {
  it('holds a paused campaign and goes on where it was', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city'), 1_000);
    world.turn();
    world.run(500);
    world.control('city', PlanControlKind.PAUSE, 2);
    const held = world.held.length;
    expect(world.turn()).toEqual([]);
    world.run(1_000);
    expect(world.granted.length).toBeLessThan(1_000);
    expect(held).toBeGreaterThan(0);
    world.control('city', PlanControlKind.RESUME, 3);
    world.run(3_000);
    expect(world.granted).toHaveLength(1_000);
    expect(twice(world.granted)).toEqual([]);
  });

  it('ignores a decision older than the one it knows', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city'), 1_000);
    world.control('city', PlanControlKind.RESUME, 6);
    world.control('city', PlanControlKind.PAUSE, 5);
    expect(world.turn().length).toBeGreaterThan(0);
  });

  it('holds a campaign that outgrew its preview, though an agent has paused and resumed it since its release', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city'), 1_000);
    world.control('city', PlanControlKind.PAUSE, 5);
    world.control('city', PlanControlKind.RESUME, 6);
    world.control('city', PlanControlKind.PAUSE, 3, 'EXPANSION');
    world.load();
    expect(world.turn()).toEqual([]);
    world.control('city', PlanControlKind.RESUME, 7);
    world.load();
    expect(world.turn().length).toBeGreaterThan(0);
  });

  it('grants again what a channel gave back that had not heard of the resume yet, until everybody is served', () => {
    const world = new SchedulerWorld(5_000);
    world.plan(world.frame('commune'), 300);
    const first = world.turn();
    world.control('commune', PlanControlKind.PAUSE, 5);
    for (const held of first) world.answer(held, Outcome.RETURNED, 0);
    world.control('commune', PlanControlKind.RESUME, 6);
    // The channel reads these grants before it reads of the resume.
    for (let time = 0; time < 3; time++) {
      world.load();
      for (const held of world.turn()) world.answer(held, Outcome.RETURNED, 0);
    }
    const served = world.run(3_000);
    expect(new Set(places(served)).size).toBe(300);
    expect(served).toHaveLength(300);
    expect(world.state.queues.size).toBe(0);
  });

  it('stops the cursor on cancel, names what is outstanding, and takes no slice after it', () => {
    const world = new SchedulerWorld();
    const frame = world.frame('city');
    world.plan(frame, 2_000);
    const granted = world.turn();
    world.control('city', PlanControlKind.CANCEL, 2);
    expect(world.turn()).toEqual([]);
    const [closing] = world.state.closings();
    const last = granted.at(-1);
    expect(closing?.closing?.reason).toBe('CANCELLED');
    expect(closing?.cursor).toEqual({ slice: last?.slice, index: (last?.index ?? 0) + 1 });
    expect(world.state.outstanding.of('city')).toHaveLength(granted.length);
    world.state.closePublished('city', 0);
    for (let held = world.held[0]; held; held = world.held[0]) world.answer(held, Outcome.CANCELLED, 0);
    expect(world.state.queues.size).toBe(0);
    world.state.planSlice(world.slice(frame, 8, 250), world.now);
    world.state.due(due('city', 0, [{ index: 1, n: 2 }], world.now), world.now);
    expect(world.turn()).toEqual([]);
  });

  it('closes a campaign that was cancelled before its first slice', () => {
    const world = new SchedulerWorld();
    world.control('city', PlanControlKind.CANCEL, 2);
    expect(world.state.closings().map((queue) => queue.cursor)).toEqual([{ slice: 0, index: 0 }]);
    world.state.closePublished('city', 0);
    world.plan(world.frame('city'), 100);
    expect(world.turn()).toEqual([]);
  });

  it('ends at expiry, gives up what nobody answered after the slack, and tells the ledger again', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city', { expiresAt: world.now + 1_000 }), 2_000);
    const granted = world.turn();
    world.now += 1_000;
    world.report();
    expect(world.turn()).toEqual([]);
    expect(world.state.closings()[0]?.closing?.reason).toBe('EXPIRED');
    world.state.closePublished('city', 0);
    expect(world.state.outstanding.of('city')).toHaveLength(granted.length);
    world.now += OUTSTANDING_SLACK_MS;
    world.turn();
    expect(world.state.outstanding.size).toBe(0);
    expect(world.state.closings().map((queue) => queue.campaignId)).toEqual(['city']);
    world.state.closePublished('city', world.state.closings()[0]?.closing?.revision ?? -1);
    expect(world.state.queues.size).toBe(0);
  });
});

describe('out of order', () => {
  it('grants a returned item again under the same n, once per return', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('commune'), 3);
    const [first] = world.turn();
    if (!first) throw new Error('nothing granted');
    world.answer(first, Outcome.RETURNED, 0);
    world.load(3);
    const again = world.turn();
    expect(places(again)).toEqual(places([first]));
    expect(world.records.at(-1)?.record.items[0]?.outOfOrder).toBe(true);
    // The same return read once more (a takeover): the item has been granted anew since.
    world.answer(first, Outcome.RETURNED, 0);
    world.load(3);
    expect(world.turn()).toEqual([]);
  });

  it('grants a retry when it is due, drops one whose n was granted, and survives repetition', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('commune'), 3);
    for (const held of world.turn()) world.answer(held, Outcome.FAILED);
    expect(world.state.queues.size).toBe(0);
    const retry = due('commune', 0, [{ index: 1, n: 2 }], world.now + 500);
    world.state.due(retry, world.now);
    world.state.due(retry, world.now);
    const frames = { commune: world.frame('commune') };
    world.load(3, frames);
    expect(world.turn()).toEqual([]);
    world.now += 500;
    world.report();
    world.load(3);
    expect(places(world.turn())).toEqual(['commune/0/1#2']);
    world.state.due(retry, world.now);
    world.load(3);
    expect(world.turn()).toEqual([]);
  });

  it('drops a due whose recipient was never planned on this channel', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('commune'), 600);
    world.state.due(due('commune', 0, [{ index: 249, n: 2 }], world.now), world.now);
    const queue = world.state.queues.get('commune');
    queue?.again.loaded(0, []);
    expect(queue?.again.next(world.now)).toBeUndefined();
  });
});

describe('takeover', () => {
  it('replays grants since the checkpoint: nobody is skipped, nobody is granted twice', () => {
    const world = new SchedulerWorld();
    const city = world.frame('city');
    world.plan(city, 3_000);
    world.plan(world.frame('commune'), 100);
    world.turn();
    world.run(1_000);
    const checkpoint = world.checkpoint();
    const since = world.records.length;
    world.run(700);
    const outstanding = world.held.length;
    world.takeOver(checkpoint, since);
    // Attempts since the checkpoint are read again before anything is granted.
    for (const held of world.granted.filter((one) => !world.held.includes(one))) world.answer(held);
    expect(world.state.outstanding.size).toBe(outstanding);
    world.load(250, { city });
    world.run(8_000);
    expect(world.granted).toHaveLength(3_100);
    expect(twice(world.granted)).toEqual([]);
  });

  it('is the same when the planner repeats its slices and the group its records', () => {
    const world = new SchedulerWorld();
    const city = world.frame('city');
    world.plan(city, 1_000);
    world.turn();
    world.run(600);
    world.plan(city, 1_000);
    world.run(4_000);
    world.plan(city, 1_000);
    world.run(1_000);
    expect(world.granted).toHaveLength(1_000);
    expect(twice(world.granted)).toEqual([]);
  });

  it('keeps closes, pauses, dues and finished campaigns', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('done'), 10);
    for (const held of world.turn()) world.answer(held);
    world.plan(world.frame('paused'), 1_000);
    world.plan(world.frame('cancelled'), 1_000);
    world.turn();
    world.control('paused', PlanControlKind.PAUSE, 4);
    world.control('cancelled', PlanControlKind.CANCEL, 4);
    world.state.due(due('paused', 1, [{ index: 7, n: 2 }], world.now + 60_000), world.now);
    const granted = world.granted.length;
    world.takeOver(world.checkpoint(), world.records.length);
    world.plan(world.frame('done'), 10);
    world.load(250, { paused: world.frame('paused'), cancelled: world.frame('cancelled') });
    world.turn();
    expect(world.granted).toHaveLength(granted);
    expect(world.state.closings().map((queue) => queue.campaignId)).toEqual(['cancelled']);
    expect(world.state.queues.get('paused')?.again.has(1, 7, 2)).toBe(true);
    world.control('paused', PlanControlKind.RESUME, 5);
    world.load();
    world.run(5_000);
    expect(twice(world.granted)).toEqual([]);
    expect(world.granted.filter((held) => held.campaign === 'paused')).toHaveLength(1_000);
  });

  it('does not move the cursor for a retry granted since the checkpoint', () => {
    const world = new SchedulerWorld();
    const city = world.frame('city');
    world.plan(city, 1_000);
    world.turn();
    world.run(500);
    const checkpoint = world.checkpoint();
    const since = world.records.length;
    world.state.due(due('city', 3, [{ index: 100, n: 1 }], world.now), world.now);
    world.load();
    world.run(20);
    expect(places(world.granted)).toContain('city/3/100#1');
    world.takeOver(checkpoint, since);
    expect(world.state.queues.get('city')?.cursor.slice).toBeLessThan(3);
    // The due record is read again, for its offset was not committed.
    world.state.due(due('city', 3, [{ index: 100, n: 1 }], world.now), world.now);
    world.load(250, { city });
    expect(world.turn().filter((held) => held.slice === 3 && held.index === 100)).toEqual([]);
  });

  it('stays small: a checkpoint of a city in the middle of its run is a few kilobytes', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city'), 50_000);
    world.turn();
    world.run(3_000);
    expect(world.checkpoint().length).toBeLessThan(20_000);
  });
});
