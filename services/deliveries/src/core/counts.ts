import { DeliveryState } from '@tocsin/contracts/deliveries/v1/reports_service';
import { recipientOf } from './recipient.js';
import { type Column, Flag, has, type Slice, stateOf } from './slice.js';

/** Order of a slice's recipient counts; pending is what is left. */
export const RECIPIENT_COUNTS = ['recipients', 'delivered', 'acceptedClosed', 'failed', 'suppressed', 'expired', 'cancelled'] as const;
/** Order of a slice's counts on one channel. */
export const CHANNEL_COUNTS = [
  'deliveries',
  'handedOver',
  'accepted',
  'onDevice',
  'confirmed',
  'failed',
  'suppressed',
  'expired',
  'cancelled',
  'unconfirmed',
  'possibleDuplicates',
] as const;

/** Absolute counts of one slice; at most 250, so a byte each. */
export interface SliceCounts {
  readonly recipients: Uint8Array;
  readonly channels: ReadonlyMap<string, Uint8Array>;
}

export const NO_COUNTS: SliceCounts = { recipients: new Uint8Array(RECIPIENT_COUNTS.length), channels: new Map() };

/** Counts the named recipients and their deliveries; a stub counts nothing. */
export function countSlice(slice: Slice): SliceCounts {
  const recipients = new Uint8Array(RECIPIENT_COUNTS.length);
  const channels = new Map<string, Uint8Array>();
  slice.contacts.forEach((contact, index) => {
    if (contact === '') return;
    bump(recipients, 0);
    const { state, terminal } = recipientOf(slice, index);
    if (terminal) bump(recipients, RECIPIENT_PLACE[state] ?? RECIPIENT_PLACE_FAILED);
  });
  for (const column of slice.columns) {
    const counts = countColumn(slice, column);
    if (counts[0]) channels.set(column.channel, counts);
  }
  return { recipients, channels };
}

function countColumn(slice: Slice, column: Column): Uint8Array {
  const counts = new Uint8Array(CHANNEL_COUNTS.length);
  slice.contacts.forEach((contact, index) => {
    const state = stateOf(column, index);
    if (contact === '' || state === DeliveryState.UNSPECIFIED) return;
    bump(counts, 0);
    if (has(column, index, Flag.HANDED_OVER)) bump(counts, 1);
    if (has(column, index, Flag.ACCEPTED)) bump(counts, 2);
    if (state === DeliveryState.DELIVERED) bump(counts, 3);
    if (has(column, index, Flag.CONFIRMED)) bump(counts, 4);
    const end = CHANNEL_END[state];
    if (end !== undefined) bump(counts, end);
    if (state === DeliveryState.ACCEPTED_CLOSED && has(column, index, Flag.UNCONFIRMED)) bump(counts, 9);
    if (has(column, index, Flag.POSSIBLE_DUPLICATE)) bump(counts, 10);
  });
  return counts;
}

const RECIPIENT_PLACE_FAILED = 3;
const RECIPIENT_PLACE: Partial<Record<DeliveryState, number>> = {
  [DeliveryState.DELIVERED]: 1,
  [DeliveryState.ACCEPTED_CLOSED]: 2,
  [DeliveryState.FAILED]: RECIPIENT_PLACE_FAILED,
  [DeliveryState.SUPPRESSED]: 4,
  [DeliveryState.EXPIRED]: 5,
  [DeliveryState.CANCELLED]: 6,
};
const CHANNEL_END: Partial<Record<DeliveryState, number>> = {
  [DeliveryState.FAILED]: 5,
  [DeliveryState.SUPPRESSED]: 6,
  [DeliveryState.EXPIRED]: 7,
  [DeliveryState.CANCELLED]: 8,
};

function bump(counts: Uint8Array, place: number): void {
  counts[place] = (counts[place] ?? 0) + 1;
}
