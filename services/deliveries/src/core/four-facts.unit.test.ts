import { describe, expect, it } from 'vitest';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { ReceiptState } from '@tocsin/contracts/deliveries/v1/attempts';
import { accepted, attempt, CAMPAIGN, failed, receipt, rulesOf, sms, T0 } from './fold.fixture.test.js';
import { foldFact, type SliceFact } from './fold.js';
import type { NewFact } from './four-facts.js';
import { newSlice } from './slice.js';
import { fromSliceDocument, toSliceDocument } from './slice-document.js';

const delivered = receipt('sms', { state: ReceiptState.DELIVERED });
const inLane = (fact: SliceFact): SliceFact =>
  fact.body.kind === 'attempts' ? { ...fact, body: { ...fact.body, record: { ...fact.body.record, lane: Lane.URGENT } } } : fact;

function told(facts: readonly SliceFact[]): NewFact[] {
  const slice = newSlice(CAMPAIGN, 0, 'ten_a', T0);
  const heard: NewFact[] = [];
  for (const fact of facts) foldFact(slice, inLane(fact), [], rulesOf, (one) => heard.push(one));
  return heard;
}

describe('the four facts of a delivery', () => {
  const rows: [string, SliceFact[], string[]][] = [
    ['an accepted attempt is handed over and accepted', [sms, attempt('sms', accepted)], ['handed-over', 'accepted']],
    ['a refusal is handed over only', [sms, attempt('sms', failed)], ['handed-over']],
    ['what never reached a provider is none', [sms, attempt('sms', { ...failed, submittedAt: 0 })], []],
    ['a receipt adds the device', [sms, attempt('sms', accepted), delivered], ['handed-over', 'accepted', 'on-device']],
    ['a receipt before its attempt proves all three', [sms, delivered, attempt('sms', accepted)], ['handed-over', 'accepted', 'on-device']],
    [
      'a fact that comes twice is told once',
      [sms, attempt('sms', accepted), attempt('sms', accepted), delivered, delivered],
      ['handed-over', 'accepted', 'on-device'],
    ],
  ];
  it.each(rows)('%s', (_, facts, expected) => {
    expect(told(facts).map(({ fact }) => fact)).toEqual(expected);
  });

  it('name channel and lane, and how long the device took', () => {
    const [, , onDevice] = told([sms, attempt('sms', accepted), delivered]);
    expect(onDevice).toEqual({ fact: 'on-device', channel: 'sms', lane: Lane.URGENT, sinceHandOver: 800 });
  });

  it('know the lane of a slice that was stored and read back', () => {
    const slice = newSlice(CAMPAIGN, 0, 'ten_a', T0);
    foldFact(slice, inLane(attempt('sms', accepted)), [], rulesOf);
    const heard: NewFact[] = [];
    foldFact(fromSliceDocument(toSliceDocument(slice, 1)), delivered, [], rulesOf, (one) => heard.push(one));
    expect(heard).toMatchObject([{ fact: 'on-device', lane: Lane.URGENT }]);
  });
});
