import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { type Attempt, AttemptRecord, Outcome, type Receipt, ReceiptRecord } from '@tocsin/contracts/deliveries/v1/attempts';
import { PlannedSlice } from '@tocsin/contracts/deliveries/v1/planned';
import { DeliveryState } from '@tocsin/contracts/deliveries/v1/reports_service';
import type { Closing } from './closing.js';
import { foldFact, type SliceFact } from './fold.js';
import type { RulesOf } from './rules.js';
import { newSlice, type Slice, stateOf } from './slice.js';

export const T0 = 1_800_000_000_000;
export const EXPIRES = T0 + 3_600_000;
export const RECEIPT_TIMEOUT = 20_000;
export const CAMPAIGN = 'cmp_00000000000000000000000000';

export const rulesOf: RulesOf = (channel) => ({
  acceptedIsTerminal: channel === 'email',
  receiptTimeout: RECEIPT_TIMEOUT,
  retryDelays: [1_000, 5_000],
});

type Body = SliceFact['body'];
let sources = 0;
/** Each fact from a topic of its own, so that any order is a legal one. */
export const fact = (body: Body, at = T0): SliceFact => ({ topic: `t${sources++}`, offset: 7, at, body });

export function planned(mode: Mode, channels: readonly string[][]): SliceFact {
  const recipients = channels.map((keys, index) => ({ index, contactId: `con_0_${index}`, channels: keys }));
  return fact({
    kind: 'planned',
    record: PlannedSlice.fromPartial({ campaignId: CAMPAIGN, tenantId: 'ten_a', slice: 0, mode, recipients, expiresAt: EXPIRES }),
  });
}

export function attempt(channel: string, values: Partial<Attempt>): SliceFact {
  const whole = { index: 0, n: 1, submittedAt: T0 + 100, answeredAt: T0 + 200, ...values };
  return fact({ kind: 'attempts', record: AttemptRecord.fromPartial({ campaignId: CAMPAIGN, slice: 0, channel, attempts: [whole] }) });
}

export function receipt(channel: string, values: Partial<Receipt>): SliceFact {
  const whole = { index: 0, n: 1, occurredAt: T0 + 900, ...values };
  return fact({ kind: 'receipts', record: ReceiptRecord.fromPartial({ campaignId: CAMPAIGN, slice: 0, channel, receipts: [whole] }) });
}

export function closed(channel: string, values: Partial<Closing> = {}): SliceFact {
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

export function fold(facts: readonly SliceFact[]): Slice {
  const slice = newSlice(CAMPAIGN, 0, 'ten_a', T0);
  // As the ledger does: the closes of a campaign are kept beside its slices, for those named later.
  const closings: Closing[] = [];
  for (const one of facts) {
    foldFact(slice, one, closings, rulesOf);
    if (one.body.kind === 'closed') closings.push(one.body.closing);
  }
  return slice;
}

export function states(slice: Slice): Record<string, string[]> {
  const rows = slice.columns.map((column): [string, string[]] => [
    column.channel,
    slice.contacts.map((_, index) => DeliveryState[stateOf(column, index)] ?? ''),
  ]);
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export const accepted = { outcome: Outcome.ACCEPTED };
export const retryable = { outcome: Outcome.FAILED, retryable: true, reason: 'PROVIDER_BUSY' };
export const failed = { outcome: Outcome.FAILED, reason: 'ADDRESS_UNKNOWN', providerCode: '11' };
export const sms = planned(Mode.PARALLEL, [['sms']]);
export const ordered = planned(Mode.ORDER, [['sms', 'email']]);
