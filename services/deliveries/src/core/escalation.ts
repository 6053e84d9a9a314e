import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { DeliveryState } from '@tocsin/contracts/deliveries/v1/reports_service';
import { endDelivery } from './closing.js';
import { type Column, Flag, has, lower, raise, relative, type Slice, stateOf } from './slice.js';
import { Standing } from './states.js';

/** In order mode asks for the next channel when the one before ended without reaching; derived from the slice, so the order of facts is free. */
export function escalate(slice: Slice, index: number, at: number): void {
  if (!slice.planned || slice.mode !== Mode.ORDER || (slice.expiresAt > 0 && at >= slice.expiresAt)) return;
  for (let rank = 1; ; rank += 1) {
    const column = slice.columns.find((candidate) => candidate.rank[index] === rank);
    if (!column) return;
    if (!has(column, index, Flag.REQUESTED)) {
      raise(column, index, Flag.REQUESTED);
      if (column.closed === '') column.due[index] = relative(slice, at);
      else endDelivery(slice, column, index, at);
    }
    if (!unreached(column, index)) {
      withdraw(slice, index, rank);
      return;
    }
  }
}

/** A later fact says that this rank reached after all: what was asked for behind it and neither left nor was tried is not needed. */
function withdraw(slice: Slice, index: number, rank: number): void {
  for (const column of slice.columns) {
    if ((column.rank[index] ?? 0) <= rank || column.standing[index] !== Standing.NONE) continue;
    if (has(column, index, Flag.HANDED_OVER)) continue;
    const waiting = column.due[index] !== 0 && column.closed === '';
    if (!waiting && !has(column, index, Flag.ENDED)) continue;
    lower(column, index, Flag.REQUESTED | Flag.ENDED);
    column.due[index] = 0;
    column.settled[index] = 0;
  }
}

function unreached(column: Column, index: number): boolean {
  const state = stateOf(column, index);
  switch (state) {
    case DeliveryState.FAILED:
    case DeliveryState.SUPPRESSED:
      return true;
    case DeliveryState.EXPIRED:
      return column.standing[index] === Standing.RECEIPT_EXPIRED;
    case DeliveryState.ACCEPTED_CLOSED:
      return has(column, index, Flag.UNCONFIRMED);
    default:
      return false;
  }
}
