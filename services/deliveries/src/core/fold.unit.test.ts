import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { type Attempt, AttemptRecord, Outcome, type Receipt, ReceiptRecord, ReceiptState } from '@tocsin/contracts/deliveries/v1/attempts';
import { PlannedSlice } from '@tocsin/contracts/deliveries/v1/planned';
import { DeliveryState } from '@tocsin/contracts/deliveries/v1/reports_service';
import { CLOSE_GRACE, OUTSTANDING_WAIT, type Closing } from './closing.js';
import { countSlice } from './counts.js';
import { foldFact, type SliceFact } from './fold.js';
import { recipientOf } from './recipient.js';
import type { RulesOf } from './rules.js';
import { newSlice, type Slice, stateOf } from './slice.js';
import { fromSliceDocument, toSliceDocument } from './slice-document.js';
import { EXPIRY_GRACE, fireTimers, markSent } from './timers.js';

const T0 = 1_800_000_000_000;
const EXPIRES = T0 + 3_600_000;
const RECEIPT_TIMEOUT = 20_000;
const CAMPAIGN = 'cmp_00000000000000000000000000';

const rulesOf: RulesOf = (channel) => ({
  acceptedIsTerminal: channel === 'email',
  receiptTimeout: RECEIPT_TIMEOUT,
  retryDelays: [1_000, 5_000],
});

type Body = SliceFact['body'];
let sources = 0;
/** Each fact from a topic of its own, so that any order is a legal one. */
const fact = (body: Body, at = T0): SliceFact => ({ topic: `t${sources++}`, offset: 7, at, body });

function planned(mode: Mode, channels: readonly string[][]): SliceFact {
  const recipients = channels.map((keys, index) => ({ index, contactId: `con_0_${index}`, channels: keys }));
  return fact({
    kind: 'planned',
    record: PlannedSlice.fromPartial({ campaignId: CAMPAIGN, tenantId: 'ten_a', slice: 0, mode, recipients, expiresAt: EXPIRES }),
  });
}

function attempt(channel: string, values: Partial<Attempt>): SliceFact {
  const whole = { index: 0, n: 1, submittedAt: T0 + 100, answeredAt: T0 + 200, ...values };
  return fact({ kind: 'attempts', record: AttemptRecord.fromPartial({ campaignId: CAMPAIGN, slice: 0, channel, attempts: [whole] }) });
}

function receipt(channel: string, values: Partial<Receipt>): SliceFact {
  const whole = { index: 0, n: 1, occurredAt: T0 + 900, ...values };
  return fact({ kind: 'receipts', record: ReceiptRecord.fromPartial({ campaignId: CAMPAIGN, slice: 0, channel, receipts: [whole] }) });
}

function closed(channel: string, values: Partial<Closing> = {}): SliceFact {
  const closing: Closing = {
    channel,
    reason: 'CANCELLED',
    cursorSlice: 0,
    cursorIndex: 250,
    outstanding: new Set(),
    at: T0 + 500,
    ...values,
  };
  return fact({ kind: 'closed', closing }, T0 + 500);
}

function fold(facts: readonly SliceFact[]): Slice {
  const slice = newSlice(CAMPAIGN, 0, 'ten_a', T0);
  // As the ledger does: the closes of a campaign are kept beside its slices, for those named later.
  const closings: Closing[] = [];
  for (const one of facts) {
    foldFact(slice, one, closings, rulesOf);
    if (one.body.kind === 'closed') closings.push(one.body.closing);
  }
  return slice;
}

function states(slice: Slice): Record<string, string[]> {
  const rows = slice.columns.map((column): [string, string[]] => [
    column.channel,
    slice.contacts.map((_, index) => DeliveryState[stateOf(column, index)] ?? ''),
  ]);
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const accepted = { outcome: Outcome.ACCEPTED };
const retryable = { outcome: Outcome.FAILED, retryable: true, reason: 'PROVIDER_BUSY' };
const failed = { outcome: Outcome.FAILED, reason: 'ADDRESS_UNKNOWN', providerCode: '11' };
const sms = planned(Mode.PARALLEL, [['sms']]);
const ordered = planned(Mode.ORDER, [['sms', 'email']]);

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
