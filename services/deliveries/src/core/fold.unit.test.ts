import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { Outcome, ReceiptState } from '@tocsin/contracts/deliveries/v1/attempts';
import { countSlice } from './counts.js';
import type { SliceFact } from './fold.js';
import { recipientOf } from './recipient.js';
import type { Slice } from './slice.js';
import { fromSliceDocument, toSliceDocument } from './slice-document.js';
import { EXPIRY_GRACE, fireTimers } from './timers.js';
import {
  EXPIRES,
  fact,
  planned,
  attempt,
  receipt,
  closed,
  fold,
  states,
  accepted,
  retryable,
  failed,
  sms,
  ordered,
} from './fold.fixture.test.js';

describe('what a delivery is after its facts', () => {
  const rows: { says: string; given: SliceFact[]; expected: Record<string, string[]>; terminal: boolean }[] = [
    { says: 'planned and nothing else is requested', given: [sms], expected: { sms: ['REQUESTED'] }, terminal: false },
    {
      says: 'an accepted SMS waits for its receipt',
      given: [sms, attempt('sms', accepted)],
      expected: { sms: ['ACCEPTED'] },
      terminal: false,
    },
    {
      says: 'an accepted mail has come to its end',
      given: [planned(Mode.PARALLEL, [['email']]), attempt('email', accepted)],
      expected: { email: ['ACCEPTED_CLOSED'] },
      terminal: true,
    },
    {
      says: 'a bounce corrects an accepted mail',
      given: [
        planned(Mode.PARALLEL, [['email']]),
        attempt('email', accepted),
        receipt('email', { state: ReceiptState.FAILED, reason: 'BOUNCED' }),
      ],
      expected: { email: ['FAILED'] },
      terminal: true,
    },
    {
      says: 'a receipt on the device ends it',
      given: [sms, attempt('sms', accepted), receipt('sms', { state: ReceiptState.DELIVERED })],
      expected: { sms: ['DELIVERED'] },
      terminal: true,
    },
    {
      says: 'a pending receipt changes nothing',
      given: [sms, attempt('sms', accepted), receipt('sms', { state: ReceiptState.PENDING })],
      expected: { sms: ['ACCEPTED'] },
      terminal: false,
    },
    {
      says: 'delivered is never left, not even by a later failure',
      given: [
        sms,
        attempt('sms', accepted),
        receipt('sms', { state: ReceiptState.DELIVERED }),
        receipt('sms', { state: ReceiptState.FAILED }),
      ],
      expected: { sms: ['DELIVERED'] },
      terminal: true,
    },
    {
      says: 'a message of which one part failed is not delivered, though its last part was',
      given: [
        sms,
        attempt('sms', accepted),
        receipt('sms', { state: ReceiptState.DELIVERED }),
        receipt('sms', { state: ReceiptState.FAILED, ofPart: true, reason: 'UNDELIVERABLE' }),
      ],
      expected: { sms: ['FAILED'] },
      terminal: true,
    },
    {
      says: 'a part that failed stands when the last part is delivered after it',
      given: [
        sms,
        attempt('sms', accepted),
        receipt('sms', { state: ReceiptState.EXPIRED, ofPart: true }),
        receipt('sms', { state: ReceiptState.DELIVERED }),
      ],
      expected: { sms: ['FAILED'] },
      terminal: true,
    },
    {
      says: 'a later attempt that was delivered whole makes good for a part that failed',
      given: [
        sms,
        attempt('sms', { ...retryable, n: 1 }),
        receipt('sms', { n: 1, state: ReceiptState.FAILED, ofPart: true }),
        attempt('sms', { ...accepted, n: 2 }),
        receipt('sms', { n: 2, state: ReceiptState.DELIVERED }),
      ],
      expected: { sms: ['DELIVERED'] },
      terminal: true,
    },
    { says: 'a failure for good ends it', given: [sms, attempt('sms', failed)], expected: { sms: ['FAILED'] }, terminal: true },
    {
      says: 'a failure for now leaves it open',
      given: [sms, attempt('sms', retryable)],
      expected: { sms: ['REQUESTED'] },
      terminal: false,
    },
    {
      says: 'the last rung of the ladder ends it',
      given: [sms, attempt('sms', retryable), attempt('sms', { ...retryable, n: 2 }), attempt('sms', { ...retryable, n: 3 })],
      expected: { sms: ['FAILED'] },
      terminal: true,
    },
    {
      says: 'an attempt given back unsent changes nothing',
      given: [sms, attempt('sms', { outcome: Outcome.RETURNED, submittedAt: 0 })],
      expected: { sms: ['REQUESTED'] },
      terminal: false,
    },
    {
      says: 'a late STOP suppresses',
      given: [sms, attempt('sms', { outcome: Outcome.SUPPRESSED, reason: 'STOPPED', submittedAt: 0 })],
      expected: { sms: ['SUPPRESSED'] },
      terminal: true,
    },
    {
      says: 'a close ends what was never granted',
      given: [sms, closed('sms', { cursorIndex: 0 })],
      expected: { sms: ['CANCELLED'] },
      terminal: true,
    },
    {
      says: 'a close waits for what is outstanding',
      given: [sms, closed('sms', { outstanding: new Set(['0:0']) })],
      expected: { sms: ['REQUESTED'] },
      terminal: false,
    },
    {
      says: 'an outstanding grant given back after a close ends',
      given: [sms, closed('sms', { outstanding: new Set(['0:0']) }), attempt('sms', { outcome: Outcome.RETURNED, submittedAt: 0 })],
      expected: { sms: ['CANCELLED'] },
      terminal: true,
    },
    {
      says: 'what was accepted goes on after a close',
      given: [sms, attempt('sms', accepted), closed('sms')],
      expected: { sms: ['ACCEPTED'] },
      terminal: false,
    },
    {
      says: 'a retry that is waiting ends with the close',
      given: [sms, attempt('sms', retryable), closed('sms', { reason: 'EXPIRED' })],
      expected: { sms: ['EXPIRED'] },
      terminal: true,
    },
    {
      says: 'a slice named after the close is born closed',
      given: [closed('sms', { cursorSlice: 0, cursorIndex: 0 }), sms],
      expected: { sms: ['CANCELLED'] },
      terminal: true,
    },
    {
      says: 'an attempt that was made after all leaves cancelled',
      given: [sms, closed('sms', { cursorIndex: 0 }), attempt('sms', accepted)],
      expected: { sms: ['ACCEPTED'] },
      terminal: false,
    },
    {
      says: 'in order mode only the first channel is requested',
      given: [ordered],
      expected: { email: ['UNSPECIFIED'], sms: ['REQUESTED'] },
      terminal: false,
    },
    {
      says: 'in order mode a failure asks for the next channel',
      given: [ordered, attempt('sms', failed)],
      expected: { email: ['REQUESTED'], sms: ['FAILED'] },
      terminal: false,
    },
    {
      says: 'in order mode a delivery that reached asks for nothing more',
      given: [ordered, attempt('sms', accepted), receipt('sms', { state: ReceiptState.DELIVERED })],
      expected: { email: ['UNSPECIFIED'], sms: ['DELIVERED'] },
      terminal: true,
    },
    {
      says: 'in order mode a closed next channel is not asked for',
      given: [ordered, closed('email', { cursorIndex: 0 }), attempt('sms', failed)],
      expected: { email: ['CANCELLED'], sms: ['FAILED'] },
      terminal: true,
    },
  ];
  it.each(rows)('$says', ({ given, expected, terminal }) => {
    const once = fold(given);
    expect(states(once)).toEqual(expected);
    expect(recipientOf(once, 0).terminal).toBe(terminal);
    // Everything twice: from the same offsets, and again as fresh records.
    const twice = fold([...given, ...given, ...given.map((one) => fact(one.body, one.at))]);
    expect(states(twice)).toEqual(expected);
  });
});

/** What may really happen to one delivery: failures for now, then one last attempt, then receipts about it. */
const story = (channel: string, index: number) =>
  fc
    .record({
      failures: fc.integer({ min: 0, max: 2 }),
      last: fc.constantFrom(accepted, failed, { outcome: Outcome.CANCELLED }, { outcome: Outcome.SUPPRESSED }, undefined),
      receipts: fc.array(
        fc.record({
          state: fc.constantFrom(ReceiptState.DELIVERED, ReceiptState.FAILED, ReceiptState.EXPIRED, ReceiptState.PENDING),
          ofPart: fc.boolean(),
        }),
        { maxLength: 3 },
      ),
      duplicate: fc.boolean(),
    })
    .map(({ failures, last, receipts, duplicate }) => {
      const facts = Array.from({ length: failures }, (_, n) => attempt(channel, { ...retryable, index, n: n + 1 }));
      if (last) facts.push(attempt(channel, { ...last, index, n: failures + 1 }));
      if (last && duplicate) facts.push(attempt(channel, { ...last, index, n: failures + 1, possibleDuplicate: true }));
      if (last === accepted) facts.push(...receipts.map((said) => receipt(channel, { ...said, index, n: failures + 1 })));
      return facts;
    });

describe('the fold', () => {
  it('comes to the same end in any order of facts, each of them twice', () => {
    const scene = fc.tuple(
      fc.constantFrom(Mode.PARALLEL, Mode.ORDER),
      story('sms', 0),
      story('sms', 1),
      story('email', 0),
      fc.option(fc.integer({ min: 0, max: 3 })),
    );
    const property = fc.property(
      scene.chain(([mode, a, b, mail, cursor]) => {
        const facts = [planned(mode, [['sms', 'email'], ['sms']]), ...a, ...b, ...(mode === Mode.PARALLEL ? mail : [])];
        if (cursor !== null) facts.push(closed('sms', { cursorIndex: cursor }), closed('email', { cursorIndex: cursor }));
        return fc.tuple(fc.constant(facts), fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2 }));
      }),
      ([facts, shuffled]) => {
        const settle = (slice: Slice): unknown => {
          fireTimers(slice, EXPIRES - 1);
          const before = states(slice);
          fireTimers(slice, EXPIRES + EXPIRY_GRACE);
          return { before, after: states(slice), terminal: recipientOf(slice, 0).terminal && recipientOf(slice, 1).terminal };
        };
        const end = settle(fold(facts));
        expect(settle(fold(shuffled))).toEqual(end);
        expect(end).toMatchObject({ terminal: true });
      },
    );
    fc.assert(property, { numRuns: 400 });
  });

  it('is the same after a stay in the store, in less than 20 kB for 250 recipients on two channels', () => {
    const all = Array.from({ length: 250 }, () => ['sms', 'email']);
    const facts = [planned(Mode.PARALLEL, all)];
    for (let index = 0; index < 250; index += 1) {
      facts.push(attempt('sms', { ...(index % 3 ? accepted : failed), index }), attempt('email', { ...accepted, index }));
    }
    const slice = fold(facts.map((one, offset) => ({ ...one, topic: 'delivery.attempts.sms.v1', offset })));
    const document = toSliceDocument(slice, 3);
    expect(fromSliceDocument(document)).toEqual(slice);
    const bytes = document.columns
      .flatMap((column) => Object.values(column))
      .reduce((sum, value) => sum + (Buffer.isBuffer(value) ? value.length : 0), 0);
    expect(bytes + document.contacts.length).toBeLessThan(20_000);
  });

  it('counts every recipient exactly once', () => {
    const slice = fold([
      planned(Mode.PARALLEL, [['sms', 'email'], ['sms'], ['sms']]),
      attempt('sms', accepted),
      attempt('email', accepted),
      attempt('sms', { ...failed, index: 1 }),
    ]);
    const counts = countSlice(slice);
    expect([...counts.recipients]).toEqual([3, 0, 0, 1, 0, 0, 0]);
    expect([...(counts.channels.get('sms') ?? [])]).toEqual([3, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0]);
    expect([...(counts.channels.get('email') ?? [])]).toEqual([1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
});
