import { SLICE_SIZE, sliceKey } from '@tocsin/contracts';
import { Lane } from '@tocsin/contracts/common/v1/common';
import type { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import type { CloseReason, Column, Slice } from './slice.js';
import { newColumn } from './slice.js';

/** One channel of a stored slice: a byte (or four, little-endian) an index, cut at the last recipient. */
export interface ColumnDocument {
  readonly channel: string;
  readonly acceptedEnds: boolean;
  readonly closed: string;
  readonly rank: Buffer;
  readonly standing: Buffer;
  readonly n: Buffer;
  readonly flags: Buffer;
  readonly reason: Buffer;
  readonly code: Buffer;
  readonly submitted: Buffer;
  readonly settled: Buffer;
  readonly due: Buffer;
}

/** A slice as stored, `_id` = "<campaign>:<slice>"; about 12 KB for 250 recipients on two channels. */
export interface SliceDocument {
  readonly _id: string;
  readonly v: number;
  readonly campaignId: string;
  readonly number: number;
  readonly tenantId: string;
  /** Missing in documents of an earlier release. */
  readonly lane?: number;
  readonly planned: boolean;
  readonly mode: number;
  readonly expiresAt: number;
  readonly base: number;
  /** Contact ids in the order of their index, one a line. */
  readonly contacts: string;
  readonly columns: readonly ColumnDocument[];
  readonly words: readonly string[];
  readonly sources: readonly { readonly topic: string; readonly offset: number }[];
}

export function toSliceDocument(slice: Slice, v: number): SliceDocument {
  const size = Math.max(slice.contacts.length, ...slice.columns.map(lastUsed));
  return {
    _id: sliceKey(slice.campaignId, slice.number),
    v,
    campaignId: slice.campaignId,
    number: slice.number,
    tenantId: slice.tenantId,
    lane: slice.lane,
    planned: slice.planned,
    mode: slice.mode,
    expiresAt: slice.expiresAt,
    base: slice.base,
    contacts: slice.contacts.join('\n'),
    columns: slice.columns.map((column) => toColumnDocument(column, size)),
    words: [...slice.words],
    sources: [...slice.offsets].map(([topic, offset]) => ({ topic, offset })),
  };
}

export function fromSliceDocument(document: SliceDocument): Slice {
  return {
    campaignId: document.campaignId,
    number: document.number,
    tenantId: document.tenantId,
    lane: document.lane ?? Lane.UNSPECIFIED,
    planned: document.planned,
    mode: document.mode as Mode,
    expiresAt: document.expiresAt,
    base: document.base,
    contacts: document.contacts === '' ? [] : document.contacts.split('\n'),
    columns: document.columns.map(fromColumnDocument),
    words: [...document.words],
    offsets: new Map(document.sources.map(({ topic, offset }) => [topic, offset])),
  };
}

function lastUsed(column: Column): number {
  for (let index = SLICE_SIZE; index > 0; index -= 1) {
    if (column.flags[index - 1] !== 0 || column.rank[index - 1] !== 0) return index;
  }
  return 0;
}

function toColumnDocument(column: Column, size: number): ColumnDocument {
  const bytes = (row: Uint8Array): Buffer => Buffer.from(row.subarray(0, size));
  const words = (row: Uint32Array): Buffer => Buffer.from(new Uint8Array(row.buffer, 0, size * 4));
  return {
    channel: column.channel,
    acceptedEnds: column.acceptedEnds,
    closed: column.closed,
    rank: bytes(column.rank),
    standing: bytes(column.standing),
    n: bytes(column.n),
    flags: bytes(column.flags),
    reason: bytes(column.reason),
    code: bytes(column.code),
    submitted: words(column.submitted),
    settled: words(column.settled),
    due: words(column.due),
  };
}

function fromColumnDocument(document: ColumnDocument): Column {
  const column = newColumn(document.channel);
  column.acceptedEnds = document.acceptedEnds;
  column.closed = document.closed as CloseReason | '';
  for (const row of ['rank', 'standing', 'n', 'flags', 'reason', 'code'] as const) column[row].set(document[row]);
  for (const row of ['submitted', 'settled', 'due'] as const) new Uint8Array(column[row].buffer).set(document[row]);
  return column;
}
