import { describe, expect, it } from 'vitest';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { ReceiptState } from '@tocsin/contracts/deliveries/v1/attempts';
import { CLOSE_GRACE, OUTSTANDING_WAIT } from './closing.js';
import { countSlice } from './counts.js';
import { foldFact } from './fold.js';
import { EXPIRY_GRACE, fireTimers, markSent } from './timers.js';
import {
  T0,
  EXPIRES,
  RECEIPT_TIMEOUT,
  rulesOf,
  planned,
  attempt,
  receipt,
  closed,
  fold,
  states,
  accepted,
  retryable,
  sms,
  ordered,
} from './fold.fixture.test.js';

describe('timers', () => {
  it('a receipt time-out closes the delivery unconfirmed, and a late receipt still corrects it', () => {
    const slice = fold([sms, attempt('sms', accepted)]);
    expect(fireTimers(slice, T0 + 200 + RECEIPT_TIMEOUT - 1).changed).toBe(false);
    expect(fireTimers(slice, T0 + 200 + RECEIPT_TIMEOUT)).toEqual({ dues: [], changed: true });
    expect(states(slice)).toEqual({ sms: ['ACCEPTED_CLOSED'] });
    expect(countSlice(slice).channels.get('sms')?.[9]).toBe(1);
    foldFact(slice, receipt('sms', { state: ReceiptState.FAILED }), [], rulesOf);
    expect(states(slice)).toEqual({ sms: ['FAILED'] });
    expect(countSlice(slice).channels.get('sms')?.[9]).toBe(0);
  });

  it('a retry is due once at its delay and stays due until it has been sent', () => {
    const slice = fold([sms, attempt('sms', retryable)]);
    expect(fireTimers(slice, T0 + 1_199).dues).toEqual([]);
    const { dues } = fireTimers(slice, T0 + 1_200);
    expect(dues).toEqual([{ channel: 'sms', index: 0, n: 2, at: T0 + 1_200, reason: 'RETRY' }]);
    expect(fireTimers(slice, T0 + 1_300).dues).toEqual(dues);
    markSent(slice, dues);
    expect(fireTimers(slice, T0 + 1_400).dues).toEqual([]);
  });

  it('a close told again with fewer outstanding grants ends those it no longer names after the grace, and waits for the others', () => {
    const slice = fold([
      planned(Mode.PARALLEL, [['sms'], ['sms']]),
      closed('sms', { outstanding: new Set(['0:0', '0:1']) }),
      closed('sms', { outstanding: new Set(['0:1']), at: T0 + 60_500 }),
    ]);
    fireTimers(slice, T0 + 60_500 + CLOSE_GRACE);
    expect(states(slice)).toEqual({ sms: ['CANCELLED', 'REQUESTED'] });
    fireTimers(slice, T0 + 60_500 + OUTSTANDING_WAIT);
    expect(states(slice)).toEqual({ sms: ['CANCELLED', 'CANCELLED'] });
    foldFact(slice, attempt('sms', { ...accepted, index: 1 }), [], rulesOf);
    expect(states(slice)).toEqual({ sms: ['CANCELLED', 'ACCEPTED'] });
  });

  it('a receipt time-out in order mode asks for the next channel in the same walk', () => {
    const slice = fold([ordered, attempt('sms', accepted)]);
    const { dues } = fireTimers(slice, T0 + 200 + RECEIPT_TIMEOUT);
    expect(dues).toEqual([{ channel: 'email', index: 0, n: 1, at: T0 + 200 + RECEIPT_TIMEOUT, reason: 'ESCALATION' }]);
  });

  it('what nobody ended by the expiry ends here as expired', () => {
    const slice = fold([sms]);
    expect(fireTimers(slice, EXPIRES + EXPIRY_GRACE - 1).changed).toBe(false);
    expect(fireTimers(slice, EXPIRES + EXPIRY_GRACE).changed).toBe(true);
    expect(states(slice)).toEqual({ sms: ['EXPIRED'] });
  });

  it('an attempt that came before its slice was named is closed at the expiry at the latest', () => {
    const slice = fold([attempt('sms', { ...accepted, answeredAt: EXPIRES - 1_000 }), sms]);
    expect(fireTimers(slice, EXPIRES).changed).toBe(true);
    expect(states(slice)).toEqual({ sms: ['ACCEPTED_CLOSED'] });
  });
});
