import { deliveryId } from '@tocsin/contracts';
import { type DeliveryReport, DeliveryState, RecipientFilter, type RecipientReport } from '@tocsin/contracts/deliveries/v1/reports_service';
import { recipientOf } from '../core/recipient.js';
import { absolute, type Column, Flag, has, type Slice, stateOf, wordOf } from '../core/slice.js';

/** What is known of one recipient, its deliveries in the order of the campaign's channels. */
export function recipientReport(slice: Slice, index: number): RecipientReport {
  const { state, terminal } = recipientOf(slice, index);
  const asked = slice.columns.filter((column) => stateOf(column, index) !== DeliveryState.UNSPECIFIED);
  asked.sort((a, b) => (a.rank[index] ?? 0) - (b.rank[index] ?? 0));
  return {
    contactId: slice.contacts[index] ?? '',
    state,
    terminal,
    deliveries: asked.map((column) => deliveryReport(slice, column, index)),
  };
}

/** Reached: it is on the device, or the carrier took it and that is all it tells. */
export function matches(filter: RecipientFilter, report: RecipientReport): boolean {
  const reached = report.state === DeliveryState.DELIVERED || report.state === DeliveryState.ACCEPTED_CLOSED;
  switch (filter) {
    case RecipientFilter.REACHED:
      return reached;
    case RecipientFilter.NOT_REACHED:
      return report.terminal && !reached;
    case RecipientFilter.PENDING:
      return !report.terminal;
    case RecipientFilter.UNSPECIFIED:
      return true;
  }
}

function deliveryReport(slice: Slice, column: Column, index: number): DeliveryReport {
  const state = stateOf(column, index);
  const ended = has(column, index, Flag.ENDED) ? column.closed : '';
  const { campaignId, number } = slice;
  return {
    deliveryId: deliveryId({ campaignId, slice: number, index, channel: column.channel }),
    channel: column.channel,
    state,
    reason: wordOf(slice, column.reason[index]) || ended,
    providerCode: wordOf(slice, column.code[index]),
    attempts: column.n[index] ?? 0,
    submittedAt: absolute(slice, column.submitted[index]),
    settledAt: absolute(slice, column.settled[index]),
    possibleDuplicate: has(column, index, Flag.POSSIBLE_DUPLICATE),
    unconfirmed: state === DeliveryState.ACCEPTED_CLOSED && has(column, index, Flag.UNCONFIRMED),
  };
}
