import { describe, expect, it } from 'vitest';
import { Capacity } from '@tocsin/contracts/channels/v1/channels';
import { RouteWatch } from './route-watch.js';

const report = (instanceId: string, bound: boolean, reportedAt: number): Capacity =>
  Capacity.fromPartial({ instanceId, reportedAt, routes: [{ routeId: 'r', bound, ratePerSecond: 1 }] });

describe('route watch', () => {
  it('leaves after five seconds without a route while another instance has one, and comes back with its own', () => {
    const watch = new RouteWatch('me');
    const seen: string[] = [];
    for (let second = 0; second < 12; second++) {
      watch.heard(report('other', true, second * 1_000));
      seen.push(watch.decide(second < 7, second < 1 || second > 9, second * 1_000));
    }
    expect(seen).toEqual(['stay', 'stay', 'stay', 'stay', 'stay', 'stay', 'leave', 'stay', 'stay', 'stay', 'join', 'join']);
  });

  it.each([
    ['nobody else is there', []],
    ['the other has none either', [report('other', false, 9_000)]],
    ['the other was heard of too long ago', [report('other', true, 1_000)]],
    ['only its own report is heard', [report('me', true, 9_000)]],
  ])('stays when %s', (_label, reports) => {
    const watch = new RouteWatch('me');
    watch.decide(true, false, 0);
    for (const one of reports) watch.heard(one);
    expect(watch.decide(true, false, 10_000)).toBe('stay');
  });

  it('comes back when no instance has a route any more', () => {
    const watch = new RouteWatch('me');
    watch.heard(report('other', true, 0));
    expect(watch.decide(false, false, 1_000)).toBe('stay');
    expect(watch.decide(false, false, 6_000)).toBe('join');
  });
});
