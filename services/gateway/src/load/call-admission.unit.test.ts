import { describe, expect, it } from 'vitest';
import { CallAdmission, type ArrivingCall } from './call-admission.js';
import { RESERVE, type CallLimits } from './call-limits.js';

const LIMITS: CallLimits = { perKey: 2, perTenant: 3, all: 100, least: 100, perSecond: 10, burst: 50 };

function call(change: Partial<ArrivingCall> = {}): ArrivingCall {
  return { tenantId: 'ten_A', keyId: 'key_A', rpc: 'GetCampaign', cost: 1, atOnce: 0, standing: 'ordinary', ...change };
}

/** What is refused, or undefined. */
function refusal(door: CallAdmission, arriving: ArrivingCall, now = 0): { reason: string; retryAfterMs: number } | undefined {
  try {
    door.take(arriving, now);
    return undefined;
  } catch (error) {
    return error as { reason: string; retryAfterMs: number };
  }
}

describe('calls at the door', () => {
  it.each([
    { label: 'a key has so many at once', arriving: [call(), call()], next: call(), reason: 'KEY_BUSY' },
    {
      label: 'a tenant has so many at once, whatever its keys',
      arriving: [call(), call(), call({ keyId: 'other' })],
      next: call({ keyId: 'third' }),
      reason: 'TENANT_BUSY',
    },
    {
      label: 'an RPC has a limit of its own',
      arriving: [call({ rpc: 'Preview', atOnce: 1 })],
      next: call({ rpc: 'Preview', atOnce: 1, keyId: 'other' }),
      reason: 'TENANT_BUSY',
    },
    { label: 'what an RPC costs counts', arriving: [call({ cost: 60 })], next: call(), reason: 'TENANT_TOO_FAST' },
  ])('$label; another tenant is not touched', ({ arriving, next, reason }) => {
    const door = new CallAdmission(LIMITS);
    for (const one of arriving) door.take(one, 0);
    expect(refusal(door, next)).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason });
    expect(refusal(door, { ...next, tenantId: 'ten_B', keyId: 'key_B' })).toBeUndefined();
  });

  it('a rate says exactly when to come back, and then there is room', () => {
    const door = new CallAdmission(LIMITS);
    door.take(call({ cost: 53 }), 0)(0, true);
    const refused = refusal(door, call(), 0);
    expect(refused).toMatchObject({ reason: 'TENANT_TOO_FAST', retryAfterMs: 301 });
    expect(refusal(door, call(), 301)).toBeUndefined();
  });

  it('are refused beforehand exactly where they would find no place, without taking one; steps of alerts pass', () => {
    const door = new CallAdmission(LIMITS);
    const ask = (arriving: ArrivingCall) => () => door.refuse(arriving, 0);
    for (let look = 0; look < 10; look += 1) expect(ask(call())).not.toThrow();
    door.take(call(), 0);
    door.take(call(), 0);
    expect(ask(call())).toThrow(expect.objectContaining({ reason: 'KEY_BUSY', retryAfterMs: 200 }) as Error);
    expect(ask(call({ standing: 'unknown' }))).not.toThrow();
    expect(door.running()).toBe(2);
  });

  it('slow answers leave fewer places and quick ones more, but slow walks and calls given up say nothing', () => {
    const door = new CallAdmission({ ...LIMITS, least: 10 });
    door.take(call({ cost: 10 }), 0)(5_000, true);
    expect(door.places()).toBe(100);
    door.take(call(), 6_000)(7_000, true);
    expect(door.places()).toBe(80);
    for (let given = 0; given < 4; given += 1) door.take(call(), 8_000)(8_300, false);
    expect(door.places()).toBe(80);
    for (let quick = 0; quick < 4; quick += 1) door.take(call(), 9_000)(9_300, true);
    expect(door.places()).toBe(81);
  });

  it('a place is given back once, however often it is released, and with it those of its key and RPC', () => {
    const door = new CallAdmission({ ...LIMITS, perKey: 1 });
    const release = door.take(call({ rpc: 'Preview', atOnce: 1 }), 0);
    door.take(call({ keyId: 'other' }), 0);
    release(1, true);
    release(2, true);
    expect(door.running()).toBe(1);
    expect(refusal(door, call({ rpc: 'Preview', atOnce: 1 }))).toBeUndefined();
  });
});

describe('steps of an alert', () => {
  it('go beyond every limit of their tenant within its reserve, and no further', () => {
    const shed: string[] = [];
    let reserved = 0;
    const door = new CallAdmission(LIMITS, { shed: (reason) => shed.push(reason), reserved: () => (reserved += 1) });
    door.take(call({ cost: 1_000 }), 0);
    for (let step = 0; step < RESERVE.burst; step += 1) door.take(call({ standing: 'life-safety' }), 0)(0, true);
    expect(refusal(door, call({ standing: 'life-safety' }))).toMatchObject({ reason: 'TENANT_TOO_FAST' });
    expect(refusal(door, call({ standing: 'life-safety' }), 1_100)).toBeUndefined();
    expect({ shed, reserved }).toEqual({ shed: ['TENANT_TOO_FAST'], reserved: RESERVE.burst + 1 });
  });

  it('that nobody knows do not use up what is kept for those known to be life-safety', () => {
    const door = new CallAdmission(LIMITS);
    door.take(call({ cost: 1_000 }), 0);
    while (refusal(door, call({ standing: 'unknown' })) === undefined);
    expect(refusal(door, call({ standing: 'life-safety' }))).toBeUndefined();
  });

  it('pass although the gateway is full, and use no reserve while they need none', () => {
    const door = new CallAdmission({ ...LIMITS, perKey: 1_000, perTenant: 1_000, burst: 10_000 });
    for (let step = 0; step < 40; step += 1) door.take(call({ standing: 'life-safety' }), 0);
    while (refusal(door, call()) === undefined);
    expect(refusal(door, call())).toMatchObject({ reason: 'GATEWAY_BUSY' });
    for (let step = 0; step < RESERVE.atOnce; step += 1) expect(refusal(door, call({ standing: 'life-safety' }))).toBeUndefined();
    expect(refusal(door, call({ standing: 'life-safety' }))).toMatchObject({ reason: 'GATEWAY_BUSY' });
  });
});
