import { parseDeliveryId, SLICE_SIZE } from '@tocsin/contracts';
import type { CampaignClosed } from '@tocsin/contracts/deliveries/v1/planned';
import { type CloseReason, type Column, ensureColumn, Flag, isOpen, raise, relative, type Slice } from './slice.js';

/** Nothing more of a campaign is granted on a channel. */
export interface Closing {
  readonly channel: string;
  readonly reason: CloseReason;
  /** First slice and index that was never granted. */
  readonly cursorSlice: number;
  readonly cursorIndex: number;
  /** "<slice>:<index>" of the grants without an attempt at the close. */
  readonly outstanding: ReadonlySet<string>;
  /** Unix ms. */
  readonly at: number;
}

/** ms a granted delivery waits for an attempt that may be on its way to us: attempts and closes travel in different topics. */
export const CLOSE_GRACE = 5_000;
/** ms a grant without an attempt is waited for: a channel that hears the stop ends it within seconds, one that restarts within two minutes; a later attempt still corrects. */
export const OUTSTANDING_WAIT = 120_000;

export function closingOf(record: CampaignClosed, at: number): Closing {
  const places = record.outstanding.map(parseDeliveryId).filter((place) => place !== undefined);
  return {
    channel: record.channel,
    reason: record.reason === 'EXPIRED' ? 'EXPIRED' : 'CANCELLED',
    cursorSlice: record.cursorSlice,
    cursorIndex: record.cursorIndex,
    outstanding: new Set(places.map((place) => `${place.slice}:${place.index}`)),
    at,
  };
}

/** Ends a delivery that is open, or says when it ends at the latest; what was handed over goes on to its receipt. */
export function closeDelivery(slice: Slice, column: Column, index: number, closing: Closing): void {
  if (!isOpen(column, index)) return;
  const behindCursor = slice.number > closing.cursorSlice || (slice.number === closing.cursorSlice && index >= closing.cursorIndex);
  // A due of ours that did not leave yet will never be granted.
  const dueOfOurs = column.closed === '' && column.due[index] !== 0;
  if (dueOfOurs) endDelivery(slice, column, index, closing.at);
  else if (closing.outstanding.has(`${slice.number}:${index}`)) column.due[index] = relative(slice, closing.at + OUTSTANDING_WAIT);
  else if (behindCursor) endDelivery(slice, column, index, closing.at);
  else column.due[index] = relative(slice, closing.at + CLOSE_GRACE);
}

/** Closes what is open on one channel of a slice. */
export function closeColumn(slice: Slice, closing: Closing): void {
  const column = ensureColumn(slice, closing.channel);
  for (let index = 0; index < SLICE_SIZE; index += 1) closeDelivery(slice, column, index, closing);
  column.closed = closing.reason;
}

export function endDelivery(slice: Slice, column: Column, index: number, at: number): void {
  raise(column, index, Flag.ENDED);
  column.due[index] = 0;
  column.settled[index] = relative(slice, at);
}
