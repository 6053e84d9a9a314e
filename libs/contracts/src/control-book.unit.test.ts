import { describe, expect, it } from 'vitest';
import { Lane } from './gen/tocsin/common/v1/common.js';
import { ControlKind, ControlTarget, OperatorControl } from './gen/tocsin/tenants/v1/operations_service.js';
import { ControlBook } from './control-book.js';
import { controlKey } from './control-key.js';

const NOW = 1_795_000_000_000;
const CITY = { tenantId: 'ten_1', campaignId: 'cmp_1', channel: 'sms', lane: Lane.BULK };

function control(target: Parameters<typeof ControlTarget.fromPartial>[0], more: { until?: number; lifted?: boolean; rate?: number } = {}) {
  const whole = ControlTarget.fromPartial(target);
  const { until = 0, lifted = false, rate = 0 } = more;
  return OperatorControl.fromPartial({ key: controlKey(whole), target: whole, until, lifted, ratePerSecond: rate });
}

describe('what operators hold', () => {
  it.each([
    ['its lane on its channel', { kind: ControlKind.PAUSE_LANE, channel: 'sms', lane: Lane.BULK }, true],
    ['another lane', { kind: ControlKind.PAUSE_LANE, channel: 'sms', lane: Lane.STANDARD }, false],
    ['its lane on another channel', { kind: ControlKind.PAUSE_LANE, channel: 'email', lane: Lane.BULK }, false],
    ['its tenant', { kind: ControlKind.SUSPEND_TENANT, tenantId: 'ten_1' }, true],
    ['another tenant', { kind: ControlKind.SUSPEND_TENANT, tenantId: 'ten_2' }, false],
    ['itself', { kind: ControlKind.PAUSE_CAMPAIGN, campaignId: 'cmp_1' }, true],
    ['a route', { kind: ControlKind.PAUSE_ROUTE, channel: 'sms', routeId: 'a' }, false],
  ])('a campaign and %s', (_label, target, held) => {
    const book = new ControlBook();
    book.apply(control(target), 1);
    expect(book.heldUntil(CITY, NOW)).toBe(held ? Infinity : -Infinity);
    book.apply(control(target, { lifted: true }), 2);
    expect(book.heldUntil(CITY, NOW)).toBe(-Infinity);
  });

  it('ends by itself, and the longest of several counts', () => {
    const book = new ControlBook();
    book.apply(control({ kind: ControlKind.PAUSE_LANE, channel: 'sms', lane: Lane.BULK }, { until: NOW + 10 }), 1);
    book.apply(control({ kind: ControlKind.PAUSE_CAMPAIGN, campaignId: 'cmp_1' }, { until: NOW + 20 }), 2);
    expect([NOW, NOW + 10, NOW + 20].map((at) => book.heldUntil(CITY, at))).toEqual([NOW + 20, NOW + 20, -Infinity]);
  });

  it('an older decision read later changes nothing', () => {
    const book = new ControlBook();
    const target = { kind: ControlKind.PAUSE_ROUTE, channel: 'sms', routeId: 'a' };
    expect(book.apply(control(target, { lifted: true }), 5)).toBe(false);
    expect(book.apply(control(target), 4)).toBe(false);
    expect(book.routePaused('sms', 'a', NOW)).toBe(false);
    expect(book.apply(control(target), 6)).toBe(true);
    expect(book.routePaused('sms', 'a', NOW)).toBe(true);
  });

  it('what ran before a restore may have left already, what is released afterwards has not', () => {
    const book = new ControlBook();
    expect(book.mayHaveLeft(NOW)).toBe(false);
    book.apply({ ...control({ kind: ControlKind.RESTORED }), setAt: NOW }, NOW);
    expect([NOW - 1, NOW, NOW + 1].map((at) => book.mayHaveLeft(at))).toEqual([true, true, false]);
  });

  it('a rate holds for its route until its end', () => {
    const book = new ControlBook();
    book.apply(control({ kind: ControlKind.ROUTE_RATE, channel: 'sms', routeId: 'a' }, { rate: 12.5, until: NOW + 10 }), 1);
    expect([book.routeRate('sms', 'a', NOW), book.routeRate('sms', 'b', NOW), book.routeRate('sms', 'a', NOW + 10)]).toEqual([
      12.5,
      undefined,
      undefined,
    ]);
  });
});
