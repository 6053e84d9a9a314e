import { describe, expect, it } from 'vitest';
import { StopKind } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { Suppression } from '@tocsin/contracts/subscribers/v1/registers_service';
import { ControlBook, controlKey, packEnvelope } from '@tocsin/contracts';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { ControlKind, ControlTarget, OperatorControl } from '@tocsin/contracts/tenants/v1/operations_service';
import { AttemptIndex } from '../knowledge/attempt-index.js';
import { StopBook } from '../knowledge/stop-book.js';
import { SuppressionBook } from '../knowledge/suppression-book.js';
import { deduplicate } from './deduplicate.js';
import { expire } from './expire.js';
import { Fences } from './fences.js';
import { CAMPAIGN, heldItem } from './held-item.fixture.test.js';
import { hold } from './hold.js';
import { stop } from './stop.js';
import { suppress } from './suppress.js';

describe('expire', () => {
  it.each([
    ['before', 999, undefined],
    ['at', 1_000, Outcome.EXPIRED],
    ['after', 1_001, Outcome.EXPIRED],
  ])('%s the expiry', (_label, now, outcome) => {
    expect(expire(heldItem({}, { expiresAt: 1_000 }), now)).toEqual(outcome && { outcome, reason: 'EXPIRED' });
  });
  it('never without one', () => {
    expect(expire(heldItem(), Number.MAX_SAFE_INTEGER)).toBeUndefined();
  });
});

describe('stop', () => {
  it.each([
    ['nothing said', [], undefined],
    ['paused', [StopKind.PAUSED], Outcome.RETURNED],
    ['paused and resumed', [StopKind.PAUSED, StopKind.RESUMED], undefined],
    ['cancelled', [StopKind.CANCELLED], Outcome.CANCELLED],
    ['cancelled, then an old pause', [StopKind.CANCELLED, StopKind.PAUSED], Outcome.CANCELLED],
    ['cancelled, then a resume too late', [StopKind.CANCELLED, StopKind.RESUMED], Outcome.CANCELLED],
  ])('%s', (_label, kinds, outcome) => {
    const book = new StopBook();
    for (const kind of kinds) book.apply({ campaignId: CAMPAIGN, kind, lane: 0, at: 0 });
    const ending = stop(book)(heldItem(), 0);
    expect(ending === undefined || ending === 'already-recorded' ? undefined : ending.outcome).toBe(outcome);
    expect(stop(book)(heldItem({}, { campaignId: 'cmp_01JD0000000000000000000001' }), 0)).toBeUndefined();
  });
});

describe('hold', () => {
  const standard = { kind: ControlKind.PAUSE_LANE, channel: 'any', lane: Lane.STANDARD };
  it.each([
    ['its lane is paused', standard, 0, true],
    ['until a moment that has passed', standard, 1_000, false],
    ['another lane is', { ...standard, lane: Lane.BULK }, 0, false],
    ['its campaign is', { kind: ControlKind.PAUSE_CAMPAIGN, campaignId: CAMPAIGN }, 0, true],
  ])('%s', (_label, target, until, held) => {
    const whole = ControlTarget.fromPartial(target);
    const controls = new ControlBook();
    controls.apply(OperatorControl.fromPartial({ key: controlKey(whole), target: whole, until }), 1);
    const item = heldItem({}, { channel: 'any', lane: Lane.STANDARD });
    expect(hold(controls)(item, 1_000)).toEqual(held ? { outcome: Outcome.RETURNED, reason: 'HELD_BY_OPERATOR' } : undefined);
  });
});

describe('suppress', () => {
  const hash = Buffer.alloc(16, 1);
  const told = (tenant: string, purposes: string[] | null, channel = 'any') => ({
    topic: 't',
    partition: 0,
    offset: 0,
    timestamp: 0,
    key: `${tenant}:${channel}:${hash.toString('hex')}`,
    envelope:
      purposes === null
        ? null
        : packEnvelope(
            'tocsin.subscribers.v1.Suppression',
            Suppression.fromPartial({ tenantId: tenant, channel, addressHash: hash, purposes }),
            {
              tenantId: tenant,
              occurredAt: 0,
            },
          ),
  });
  it.each([
    ['a STOP to this tenant', [told('ten_1', ['*'])], true],
    ['a STOP to all tenants', [told('*', ['*'])], true],
    ['a STOP to another tenant', [told('ten_2', ['*'])], false],
    ['for this purpose', [told('ten_1', ['news', 'alert'])], true],
    ['for another purpose', [told('ten_1', ['news'])], false],
    ['on another channel', [told('ten_1', ['*'], 'other')], false],
    ['lifted by START', [told('ten_1', ['*']), told('ten_1', [])], false],
    ['removed', [told('ten_1', ['*']), told('ten_1', null)], false],
    ['START to this tenant, STOP to all', [told('*', ['*']), told('ten_1', [])], true],
  ])('%s', (_label, records, suppressed) => {
    const book = new SuppressionBook('any');
    for (const record of records) book.apply(record);
    expect(suppress(book)(heldItem({ index: 0 }), 0) !== undefined).toBe(suppressed);
    expect(suppress(book)(heldItem({ index: 1 }), 0)).toBeUndefined();
  });
});

describe('deduplicate', () => {
  it.each([
    ['the same attempt', 1, 1, 'already-recorded'],
    ['an earlier attempt', 2, 1, 'already-recorded'],
    ['the next attempt', 1, 2, undefined],
  ])('%s', (_label, recorded, n, verdict) => {
    const index = new AttemptIndex();
    index.record(`${CAMPAIGN}:0`, 17, recorded);
    expect(deduplicate(index)(heldItem({ index: 17, n }), 0)).toBe(verdict);
    expect(deduplicate(index)(heldItem({ index: 18, n }), 0)).toBeUndefined();
    expect(deduplicate(index)(heldItem({ index: 17, n, slice: 1 }), 0)).toBeUndefined();
  });

  it('knows a grant that was given back, and lets the next grant of the same n pass', () => {
    const index = new AttemptIndex();
    index.recordReturn(`${CAMPAIGN}:0`, 3, 1, { at: 1_000, tag: 7.5 });
    expect(index.attempted(`${CAMPAIGN}:0`, 3, 1)).toBe(false);
    expect(index.wasReturned(`${CAMPAIGN}:0`, 3, 1, { at: 900, tag: 7.5 })).toBe(true);
    expect(index.wasReturned(`${CAMPAIGN}:0`, 3, 1, { at: 1_100, tag: 9.5 })).toBe(false);
  });

  it('lets the next grant pass even when the scheduler’s clock is behind the channel’s', () => {
    const index = new AttemptIndex();
    index.recordReturn(`${CAMPAIGN}:0`, 3, 1, { at: 1_000, tag: 7.5 });
    expect(index.wasReturned(`${CAMPAIGN}:0`, 3, 1, { at: 400, tag: 9.5 })).toBe(false);
  });
});

describe('fences', () => {
  it.each([
    ['nothing fenced', [1, 1], [true, true]],
    ['a record of the replaced scheduler behind the fence', [1, 2, 1], [true, true, false]],
    ['the new one goes on', [2, 1, 2, 3], [true, false, true, true]],
  ])('%s', (_label, epochs, admitted) => {
    const fences = new Fences();
    expect(epochs.map((epoch) => fences.admits('t', 0, epoch))).toEqual(admitted);
    expect(fences.admits('t', 1, 1)).toBe(true);
  });
});
