import { describe, expect, it } from 'vitest';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { SchedulerWorld, type Held } from '../testing/scheduler-world.js';
import { CampaignQueue } from './campaign-queue.js';
import { ChannelLimits } from './channel-limits.js';

const HOUR = 3_600_000;
const of = (held: readonly Held[], campaign: string): Held[] => held.filter((one) => one.campaign === campaign);
const inLane = (held: readonly Held[], lane: Lane): number => held.filter((one) => one.lane === lane - 1).length;
const terms = (version: number, limits: { lifeSafetyUnits?: number; unitsPerDay?: number; unitsPerMinute?: number; weight?: number }) => ({
  version,
  weight: 1,
  lifeSafetyUnits: 0,
  unitsPerDay: 0,
  unitsPerMinute: 0,
  ...limits,
});

describe('a paced campaign', () => {
  it('keeps to its number a minute beside one without, which takes all the rest', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city'), 20_000);
    world.plan(world.frame('desk', { pace: { perMinute: 600, spreadSeconds: 0 } }), 500);
    world.turn();
    const served = world.run(10_000);
    expect(of(served, 'desk').length).toBeGreaterThanOrEqual(97);
    expect(of(served, 'desk').length).toBeLessThanOrEqual(103);
    expect(served.length).toBe(5_000);
  });

  it('is spread evenly over its window, to its end, though its preview was wrong', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('news', { pace: { perMinute: 0, spreadSeconds: 60 }, estimate: 900 }), 300);
    world.turn();
    const quarters = [0, 1, 2, 3].map(() => world.run(15_000, 250, 50).length);
    for (const count of quarters) expect(Math.abs(count - 75)).toBeLessThanOrEqual(3);
    expect(world.run(1_000).length + quarters.reduce((sum, count) => sum + count, 0)).toBe(300);
  });

  it('catches nothing up in a burst after a stand-still: what is left goes evenly', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('news', { pace: { perMinute: 0, spreadSeconds: 60 } }), 300);
    world.turn();
    world.run(15_000, 250, 50);
    world.now += 30_000;
    world.report();
    const after = world.run(1_000);
    expect(after.length).toBeGreaterThanOrEqual(13);
    expect(after.length).toBeLessThanOrEqual(18);
  });

  it('holds no contents while it waits for long, and wakes the scheduler when it may go on', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('slow', { pace: { perMinute: 1, spreadSeconds: 0 } }), 100);
    expect(world.turn()).toHaveLength(1);
    expect(world.state.queues.get('slow')?.held.items).toBe(0);
    expect(world.state.gates.nextMoment()).toBeGreaterThanOrEqual(world.now + 54_000);
    expect(world.state.gates.nextMoment()).toBeLessThanOrEqual(world.now + 60_020);
    expect(world.run(125_000, 250, 200).length).toBe(3);
  });

  it('does not leave in a burst what a severer lane held up in the channel', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('desk', { pace: { perMinute: 600, spreadSeconds: 0 } }), 500);
    world.turn();
    world.run(2_000);
    world.plan(world.frame('flood', { lane: Lane.LIFE_SAFETY, terms: { lifeSafetyUnits: 10_000 } }), 2_000);
    world.turn();
    expect(of(world.run(3_500), 'desk')).toEqual([]);
    // Half a second's worth lay in the channel.
    expect(of(world.run(1_500), 'desk').length).toBeLessThanOrEqual(5 + 11);
  });

  it('is given back the place of what was returned unsent', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('slow', { pace: { perMinute: 60, spreadSeconds: 0 } }), 100);
    const [first] = world.turn();
    if (!first) throw new Error('nothing was granted');
    world.answer(first, Outcome.RETURNED);
    world.load();
    expect(world.turn()).toHaveLength(1);
    expect(world.turn()).toEqual([]);
  });
});

describe('a tenant over its quota', () => {
  it('waits while others go on, and goes on as its units flow back', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('a1', { tenant: 'a', terms: { unitsPerDay: 500 } }), 2_000);
    world.plan(world.frame('a2', { tenant: 'a', terms: { unitsPerDay: 500 } }), 2_000);
    world.plan(world.frame('b'), 20_000);
    world.turn();
    const served = world.run(10_000);
    const first = of(served, 'a1').length + of(served, 'a2').length;
    // Two campaigns share one quota; 24 h of flow make 500, so 10 s make none.
    expect(first).toBeGreaterThanOrEqual(500);
    expect(first).toBeLessThanOrEqual(502);
    expect(Math.abs(of(served, 'a1').length - of(served, 'a2').length)).toBeLessThanOrEqual(2);
    expect(served.length).toBe(5_000);
    expect(world.state.notices.take().map(({ campaignId, reason }) => `${campaignId} ${reason}`)).toEqual([
      'a1 QUOTA_REACHED',
      'a2 QUOTA_REACHED',
    ]);
    world.now += HOUR / 4;
    world.report();
    // A quarter of an hour gives back 5.2.
    expect(of(world.run(1_000), 'a1').length + of(world.granted.slice(-6), 'a2').length).toBeGreaterThanOrEqual(3);
  });

  it('is no news for the agents of a campaign that has gone already', () => {
    const world = new SchedulerWorld(5_000);
    world.plan(world.frame('small', { tenant: 'a', terms: { unitsPerDay: 100 } }), 20);
    world.turn();
    world.plan(world.frame('large', { tenant: 'a', terms: { unitsPerDay: 100 } }), 500);
    world.turn();
    world.now += 100;
    world.turn();
    expect(world.state.queues.has('small')).toBe(true);
    expect(world.state.notices.take().map(({ campaignId }) => campaignId)).toEqual(['large']);
  });

  it('tells its agents once, and again after a crash unless it is known that they were told', () => {
    const world = new SchedulerWorld();
    const frame = world.frame('a', { terms: { unitsPerDay: 50 } });
    const reached = (): string[] => {
      world.state.frameLoaded('a', frame, world.now);
      world.run(100);
      return world.state.notices.take().map(({ reason }) => reason);
    };
    world.plan(frame, 500);
    world.turn();
    const [notice] = world.state.notices.take();
    if (!notice) throw new Error('nothing to tell');
    const untold = world.checkpoint();
    world.state.notices.failed([notice]);
    expect(world.state.notices.take()).toEqual([notice]);
    world.state.notices.sent([notice], world.state.queues);
    const told = world.checkpoint();
    world.takeOver(untold, world.records.length);
    expect(reached()).toEqual(['QUOTA_REACHED']);
    world.takeOver(told, world.records.length);
    expect(reached()).toEqual([]);
  });

  it('is held to its units a minute', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('a', { terms: { unitsPerMinute: 1_200 } }), 2_000, 250, 2);
    world.turn();
    // 20 units a second are 10 items of two.
    expect(Math.abs(world.run(10_000).length - 100)).toBeLessThanOrEqual(3);
  });

  it('never keeps its life-safety campaigns waiting, which are counted all the same, without a debt for the rest', () => {
    const world = new SchedulerWorld();
    const quota = { unitsPerMinute: 600, lifeSafetyUnits: 10_000 };
    world.plan(world.frame('flood', { tenant: 'a', lane: Lane.LIFE_SAFETY, terms: quota }), 600);
    world.plan(world.frame('news', { tenant: 'a', terms: quota }), 600);
    world.turn();
    expect(of(world.run(1_300), 'flood')).toHaveLength(600);
    expect(of(world.run(5_000), 'news').length).toBeGreaterThanOrEqual(45);
  });

  it('is not cleared by an alert of which nothing was sent', () => {
    const world = new SchedulerWorld(5_000);
    const quota = { unitsPerDay: 100, lifeSafetyUnits: 10_000 };
    world.plan(world.frame('news', { tenant: 'a', terms: quota }), 5_000);
    for (const held of world.turn()) world.answer(held);
    expect(of(world.granted, 'news')).toHaveLength(100);
    world.plan(world.frame('flood', { tenant: 'a', lane: Lane.LIFE_SAFETY, terms: quota }), 250);
    for (const held of world.turn()) world.answer(held, Outcome.SUPPRESSED, 0);
    expect(of(world.granted, 'flood')).toHaveLength(250);
    world.now += HOUR / 4;
    world.turn();
    world.run(1_000);
    // A quarter of an hour gives back one.
    expect(of(world.granted, 'news').length).toBeLessThanOrEqual(102);
  });

  it('goes on at once with what a campaign of it gives back', () => {
    const world = new SchedulerWorld();
    const quota = { unitsPerDay: 20 };
    world.plan(world.frame('first', { tenant: 'a', terms: quota }), 20);
    const held = world.turn();
    world.plan(world.frame('second', { tenant: 'a', terms: quota }), 20);
    expect(world.turn()).toEqual([]);
    for (const item of held) world.answer(item, Outcome.SUPPRESSED, 0);
    world.load();
    expect(world.turn()).toHaveLength(20);
  });

  it('goes by new terms at once, and by no older ones', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('a', { terms: { version: 3, unitsPerDay: 100 } }), 5_000);
    world.plan(world.frame('b'), 20_000);
    world.turn();
    expect(of(world.run(4_000), 'a').length).toBeLessThanOrEqual(101);
    world.state.tenantChanged('a', terms(2, {}), world.now);
    expect(of(world.run(1_000), 'a').length).toBeLessThanOrEqual(1);
    world.state.tenantChanged('a', terms(4, { weight: 4 }), world.now);
    world.run(1_000);
    const part = of(world.run(2_000), 'a').length / 1_000;
    expect(part).toBeGreaterThan(0.78);
    expect(part).toBeLessThan(0.82);
  });

  it('is known by what was heard before its campaign came', () => {
    const world = new SchedulerWorld();
    world.state.tenantChanged('a', terms(7, { unitsPerDay: 50 }), world.now);
    world.plan(world.frame('a', { terms: { version: 6 } }), 500);
    world.turn();
    expect(world.run(2_000).length).toBeLessThanOrEqual(51);
  });
});

describe('a life-safety budget', () => {
  const alert = (world: SchedulerWorld, id: string) =>
    world.frame(id, { tenant: 'loud', lane: Lane.LIFE_SAFETY, terms: { lifeSafetyUnits: 600 }, estimate: 500 });

  it('lets what is beyond it go on in standard, fairly among tenants there: later, never refused', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city'), 20_000);
    world.plan(alert(world, 'first'), 500);
    world.plan(alert(world, 'second'), 500);
    world.turn();
    const served = world.run(4_000);
    expect(inLane([...of(served, 'first'), ...of(served, 'second')], Lane.LIFE_SAFETY)).toBeGreaterThanOrEqual(600);
    expect(inLane([...of(served, 'first'), ...of(served, 'second')], Lane.LIFE_SAFETY)).toBeLessThanOrEqual(601);
    expect(of(served, 'first').length + of(served, 'second').length).toBe(1_000);
    // After 1.2 s of both, the 400 that are beyond share with the city.
    expect(of(served.slice(0, 1_000), 'city').length).toBeGreaterThanOrEqual(150);
    expect(world.state.notices.take().map(({ reason }) => reason)).toEqual(['BEYOND_LIFE_SAFETY_BUDGET', 'BEYOND_LIFE_SAFETY_BUDGET']);
  });

  it('keeps nobody else from being urgent', () => {
    const world = new SchedulerWorld();
    world.plan(alert(world, 'first'), 3_000);
    world.turn();
    world.run(2_000);
    world.plan(world.frame('quiet', { lane: Lane.LIFE_SAFETY }), 100);
    world.turn();
    expect(inLane(of(world.run(600), 'quiet'), Lane.LIFE_SAFETY)).toBe(100);
  });

  it('is one alert of three segments to everybody, where nothing is set', () => {
    const world = new SchedulerWorld();
    const frame = world.frame('village', { lane: Lane.LIFE_SAFETY, estimate: 400 });
    world.plan(frame, 400, 200, 3);
    world.turn();
    world.run(2_000);
    expect(inLane(of(world.granted, 'village'), Lane.LIFE_SAFETY)).toBe(400);
    world.plan(world.frame('again', { tenant: 'village', lane: Lane.LIFE_SAFETY, estimate: 400 }), 100);
    world.turn();
    world.run(1_000);
    expect(inLane(of(world.granted, 'again'), Lane.STANDARD)).toBeGreaterThanOrEqual(98);
  });

  it('charges what an alert really cost', () => {
    const world = new SchedulerWorld(5_000);
    world.plan(alert(world, 'first'), 300);
    for (const held of world.turn()) world.answer(held, Outcome.ACCEPTED, 3);
    world.plan(alert(world, 'second'), 100);
    expect(inLane(world.turn(), Lane.STANDARD)).toBe(100);
  });

  it('is looked at again later than now when it is used up to the unit', () => {
    const now = 1_800_000_000_000;
    const limits = new ChannelLimits();
    const queue = new CampaignQueue('flood', 'a');
    queue.frame = new SchedulerWorld().frame('flood', { tenant: 'a', lane: Lane.LIFE_SAFETY, terms: { lifeSafetyUnits: 6_000 } });
    limits.join(queue);
    limits.granted(queue, Lane.LIFE_SAFETY - 1, 6_000, now);
    queue.lane = limits.laneOf(queue, now);
    expect(queue.lane).toBe(Lane.STANDARD - 1);
    expect(limits.urgentAgainAt(queue, now)).toBeGreaterThan(now);
  });

  it('is given back what was not sent', () => {
    const world = new SchedulerWorld();
    world.plan(alert(world, 'first'), 600);
    for (const held of world.turn()) world.answer(held, Outcome.SUPPRESSED, 0);
    world.load();
    for (const held of world.turn()) world.answer(held, Outcome.SUPPRESSED, 0);
    world.plan(alert(world, 'second'), 100);
    expect(inLane(world.turn(), Lane.LIFE_SAFETY)).toBe(100);
  });
});

describe('a floor', () => {
  it('is granted no more than some windows ahead of a channel that reads severer lanes only, and owed no more afterwards', () => {
    const world = new SchedulerWorld(5_000, [0, 0, 0.3, 0]);
    world.plan(world.frame('news'), 40_000);
    world.plan(world.frame('flood', { lane: Lane.LIFE_SAFETY, terms: { lifeSafetyUnits: 1_000_000 } }), 90_000);
    world.turn();
    world.run(500);
    const step = (): void => {
      world.now += 10;
      world.report();
      for (const held of world.held.filter(({ lane }) => lane === Lane.LIFE_SAFETY - 1).slice(0, 50)) world.answer(held);
      world.load();
      world.turn();
    };
    for (let passed = 0; passed < 12_000; passed += 10) step();
    const window = world.state.window.size(world.state.shares.live(world.now));
    // Beside what the lane was granted by itself before.
    expect(inLane(world.held, Lane.STANDARD)).toBeLessThanOrEqual(window * 17);
    world.serve(world.held.length);
    world.turn();
    const served = world.run(1_000);
    expect(of(served, 'news').length / served.length).toBeLessThan(0.32);
  });

  it.each([0.1, 0.3, 0.4])('gives its part of the wire to a lane that a severer one would close, and not more: %d', (part) => {
    const world = new SchedulerWorld(500, [0, 0, part, 0]);
    world.plan(world.frame('news'), 5_000);
    world.plan(world.frame('flood', { lane: Lane.LIFE_SAFETY, terms: { lifeSafetyUnits: 1_000_000 } }), 20_000);
    world.turn();
    world.run(3_000);
    const served = world.run(10_000);
    expect(Math.abs(of(served, 'news').length / served.length - part)).toBeLessThan(0.01);
  });

  it('is not there unless it is set: lanes are strict', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('news'), 5_000);
    world.plan(world.frame('flood', { lane: Lane.LIFE_SAFETY, terms: { lifeSafetyUnits: 1_000_000 } }), 20_000);
    world.turn();
    world.run(3_000);
    expect(of(world.run(10_000), 'news')).toEqual([]);
  });
});
