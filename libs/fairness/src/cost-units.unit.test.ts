import { describe, expect, it } from 'vitest';
import { CallLength } from './call-length.js';
import { DomainPaces } from './domain-paces.js';
import { FairLanes } from './fair-lanes.js';

describe('length of a call', () => {
  it('is guessed from the words, then learnt from calls that ended', () => {
    const length = new CallLength(20);
    expect(length.estimate()).toBe(35);
    for (let call = 0; call < 60; call++) length.hungUp(50, length.estimate());
    expect(length.estimate()).toBe(50);
  });

  it('is corrected at hang-up by what the guess missed, up or down', () => {
    expect(new CallLength(20).hungUp(50, 35)).toBe(15);
    expect(new CallLength(20).hungUp(4, 35)).toBe(-31);
  });
});

describe('paces of destination domains', () => {
  it('hold up nobody else: one domain exhausted, another ready', () => {
    const paces = new DomainPaces((domain) => (domain === 'slow' ? 1 : 100));
    paces.take('slow', 1, 0);
    expect([paces.ready('slow', 10), paces.ready('fast', 10)]).toEqual([false, true]);
    expect(paces.waitMs('slow', 10)).toBeGreaterThan(900);
  });

  it('halve only for the domain that asks for it', () => {
    const paces = new DomainPaces(() => 10);
    paces.throttle('greylisting', 0);
    expect([paces.ready('greylisting', 1), paces.ready('other', 1)]).toEqual([false, true]);
  });

  it('are bounded: the domain used longest ago is forgotten', () => {
    let asked = 0;
    const paces = new DomainPaces(() => {
      asked++;
      return 1;
    });
    for (let domain = 0; domain <= 10_000; domain++) paces.take(`d${domain}`, 1, 0);
    expect(paces.ready('d1', 0)).toBe(false);
    expect(paces.ready('d0', 0)).toBe(true);
    expect(asked).toBe(10_002);
  });
});

describe('floors of lanes', () => {
  it('go on alike after a snapshot, claims included', () => {
    const floors = [0, 0, 0.3, 0];
    const lanes = new FairLanes(4, floors);
    for (const lane of [0, 2]) lanes.setBacklogged(lane, 't', 'c', true);
    const turns = (from: FairLanes, count: number): number[] =>
      Array.from({ length: count }, () => {
        const pick = from.pick();
        if (pick) from.take(pick, 1);
        return pick?.lane ?? -1;
      });
    turns(lanes, 5);
    const twin = FairLanes.restore(JSON.parse(JSON.stringify(lanes.snapshot())) as ReturnType<FairLanes['snapshot']>, floors);
    expect(turns(twin, 40)).toEqual(turns(lanes, 40));
  });

  it('that were taken away owe nothing, whatever a snapshot of before says', () => {
    const lanes = new FairLanes(4, [0, 0, 0.3, 0]);
    for (const lane of [0, 2]) lanes.setBacklogged(lane, 't', 'c', true);
    for (let count = 0; count < 4; count++) lanes.take(lanes.pick() ?? { lane: 0, tenant: 't', campaign: 'c', tag: 0 }, 1);
    expect(lanes.pick()?.lane).toBe(2);
    const changed = FairLanes.restore(lanes.snapshot(), [0, 0, 0, 0.1]);
    for (const lane of [0, 2]) changed.setBacklogged(lane, 't', 'c', true);
    expect(changed.pick()?.lane).toBe(0);
  });

  it.each([
    ['together all of it', [0.5, 0.5]],
    ['a negative one', [0, -0.1]],
    ['not a number', [NaN]],
  ])('are refused: %s', (_why, floors) => {
    expect(() => new FairLanes(floors.length, floors)).toThrow(RangeError);
  });

  it('are paid in the place of the severer lane, though their own lane is not admitted', () => {
    const lanes = new FairLanes(3, [0, 0, 0.25]);
    for (const lane of [0, 2]) lanes.setBacklogged(lane, 't', 'c', true);
    const picks = Array.from({ length: 8 }, () => {
      const pick = lanes.pick((lane) => lane === 0);
      if (pick) lanes.take(pick, 1);
      return pick?.ahead ? `${pick.lane} before ${pick.ahead.lane}/${pick.ahead.tag}` : pick?.lane;
    });
    expect(picks).toEqual([0, 0, 0, 0, '2 before 0/4', 0, 0, 0]);
    // Nothing severer waits and nothing is admitted: a floor opens no window of its own.
    expect(lanes.pick(() => false)).toBeUndefined();
  });

  it('save nothing up while their lane is empty', () => {
    const lanes = new FairLanes(2, [0, 0.5]);
    lanes.setBacklogged(0, 't', 'c', true);
    for (let count = 0; count < 100; count++) {
      const pick = lanes.pick();
      if (pick) lanes.take(pick, 1);
    }
    lanes.setBacklogged(1, 't', 'c', true);
    const lanesTaken = Array.from({ length: 10 }, () => {
      const pick = lanes.pick();
      if (pick) lanes.take(pick, 1);
      return pick?.lane;
    });
    expect(lanesTaken.filter((lane) => lane === 1)).toHaveLength(4);
  });
});
