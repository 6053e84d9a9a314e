import { SLICE_SIZE } from '@tocsin/contracts';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { DeliveryState } from '@tocsin/contracts/deliveries/v1/reports_service';
import { Standing } from './states.js';

/** Facts beside a delivery's standing, one bit each. */
export const Flag = {
  /** Somebody asked for it: at planning, by escalation, or an attempt proves it. */
  REQUESTED: 1,
  HANDED_OVER: 2,
  ACCEPTED: 4,
  CONFIRMED: 8,
  UNCONFIRMED: 16,
  POSSIBLE_DUPLICATE: 32,
  /** Ended by the close of the campaign, unless an attempt says otherwise. */
  ENDED: 64,
} as const;

export type CloseReason = 'CANCELLED' | 'EXPIRED';

/** The deliveries of a slice on one channel, a row an index; times are ms after the slice's base, 0 = none. */
export interface Column {
  readonly channel: string;
  acceptedEnds: boolean;
  closed: CloseReason | '';
  /** Place of the channel among the recipient's, from 1; 0 = not planned on it. */
  readonly rank: Uint8Array;
  readonly standing: Uint8Array;
  readonly n: Uint8Array;
  readonly flags: Uint8Array;
  /** Word numbers of the slice, 0 = none. */
  readonly reason: Uint8Array;
  readonly code: Uint8Array;
  readonly submitted: Uint32Array;
  readonly settled: Uint32Array;
  /** Retry, escalation, receipt time-out or grace of a close. */
  readonly due: Uint32Array;
}

/** What is known of 250 recipients of a campaign; planned or, while only attempts came, a stub. */
export interface Slice {
  readonly campaignId: string;
  readonly number: number;
  tenantId: string;
  /** Lane of its campaign, as the attempts say; LANE_UNSPECIFIED before the first. */
  lane: Lane;
  planned: boolean;
  mode: Mode;
  /** Unix ms, 0 = not known yet. */
  expiresAt: number;
  /** Unix ms before every time of the slice. */
  readonly base: number;
  /** By index; '' = no such recipient. */
  readonly contacts: string[];
  readonly columns: Column[];
  /** Reasons and provider codes met, named by their place + 1. */
  readonly words: string[];
  /** Last offset applied, per source topic; the partition is the slice's own. */
  readonly offsets: Map<string, number>;
}

/** Distinct reasons and codes kept a slice: the number of a word is one byte. */
const MAX_WORDS = 254;
/** Characters of a reason or code kept. */
const MAX_WORD_LENGTH = 80;
/** ms between the base and the first fact seen: room for the earlier times of others. */
const BASE_MARGIN = 6 * 60 * 60 * 1000;

export function newSlice(campaignId: string, number: number, tenantId: string, at: number): Slice {
  return {
    campaignId,
    number,
    tenantId,
    lane: Lane.UNSPECIFIED,
    planned: false,
    mode: Mode.UNSPECIFIED,
    expiresAt: 0,
    base: Math.max(0, at - BASE_MARGIN),
    contacts: [],
    columns: [],
    words: [],
    offsets: new Map(),
  };
}

export function newColumn(channel: string): Column {
  return {
    channel,
    acceptedEnds: false,
    closed: '',
    rank: new Uint8Array(SLICE_SIZE),
    standing: new Uint8Array(SLICE_SIZE),
    n: new Uint8Array(SLICE_SIZE),
    flags: new Uint8Array(SLICE_SIZE),
    reason: new Uint8Array(SLICE_SIZE),
    code: new Uint8Array(SLICE_SIZE),
    submitted: new Uint32Array(SLICE_SIZE),
    settled: new Uint32Array(SLICE_SIZE),
    due: new Uint32Array(SLICE_SIZE),
  };
}

export function columnOf(slice: Slice, channel: string): Column | undefined {
  return slice.columns.find((column) => column.channel === channel);
}

export function ensureColumn(slice: Slice, channel: string): Column {
  const known = columnOf(slice, channel);
  if (known) return known;
  const column = newColumn(channel);
  slice.columns.push(column);
  return column;
}

export function has(column: Column, index: number, flag: number): boolean {
  return ((column.flags[index] ?? 0) & flag) !== 0;
}

export function raise(column: Column, index: number, flag: number): void {
  column.flags[index] = (column.flags[index] ?? 0) | flag;
}

export function lower(column: Column, index: number, flag: number): void {
  column.flags[index] = (column.flags[index] ?? 0) & ~flag;
}

/** Nothing was handed over for good yet: a grant may still come. */
export function isOpen(column: Column, index: number): boolean {
  const standing = column.standing[index];
  return (
    has(column, index, Flag.REQUESTED) && !has(column, index, Flag.ENDED) && (standing === Standing.NONE || standing === Standing.RETRYABLE)
  );
}

/** UNSPECIFIED: the delivery is not asked for (yet). */
export function stateOf(column: Column, index: number): DeliveryState {
  if (!has(column, index, Flag.REQUESTED)) return DeliveryState.UNSPECIFIED;
  switch (column.standing[index]) {
    case Standing.CANCELLED:
      return DeliveryState.CANCELLED;
    case Standing.EXPIRED:
    case Standing.RECEIPT_EXPIRED:
      return DeliveryState.EXPIRED;
    case Standing.SUPPRESSED:
      return DeliveryState.SUPPRESSED;
    case Standing.FAILED:
    case Standing.RECEIPT_FAILED:
    case Standing.PART_FAILED:
      return DeliveryState.FAILED;
    case Standing.ACCEPTED:
      return column.acceptedEnds || has(column, index, Flag.UNCONFIRMED) ? DeliveryState.ACCEPTED_CLOSED : DeliveryState.ACCEPTED;
    case Standing.DELIVERED:
      return DeliveryState.DELIVERED;
    default:
      if (!has(column, index, Flag.ENDED)) return DeliveryState.REQUESTED;
      return column.closed === 'EXPIRED' ? DeliveryState.EXPIRED : DeliveryState.CANCELLED;
  }
}

export function relative(slice: Slice, unixMs: number): number {
  return Math.min(0xffffffff, Math.max(1, Math.round(unixMs - slice.base)));
}

/** Unix ms; 0 = none. */
export function absolute(slice: Slice, relativeMs: number | undefined): number {
  return relativeMs ? slice.base + relativeMs : 0;
}

/** Number of a word, 0 for none and for those beyond what a slice keeps. */
export function wordNumber(slice: Slice, text: string): number {
  if (text === '') return 0;
  const word = text.slice(0, MAX_WORD_LENGTH);
  const known = slice.words.indexOf(word);
  if (known >= 0) return known + 1;
  if (slice.words.length >= MAX_WORDS) return 0;
  return slice.words.push(word);
}

export function wordOf(slice: Slice, number: number | undefined): string {
  return number ? (slice.words[number - 1] ?? '') : '';
}
