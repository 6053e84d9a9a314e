import { Tally } from '@tocsin/contracts/campaigns/v1/campaign';
import { CHANNEL_COUNTS, RECIPIENT_COUNTS, type SliceCounts } from './counts.js';
import { type ClosedPlan, type Part, type PartSlice, partKey } from './part.js';
import type { CloseReason } from './slice.js';

/** A part as stored, `_id` = "<campaign>:<ledger partition>"; a slice takes 12 bytes and its counts, about 40 in all. */
export interface PartDocument {
  readonly _id: string;
  readonly v: number;
  readonly campaignId: string;
  readonly partition: number;
  readonly tenantId: string;
  readonly channels: readonly string[];
  /** Slice numbers, uint32 little-endian. */
  readonly numbers: Buffer;
  /** Next timer of each slice, float64 little-endian Unix ms. */
  readonly timers: Buffer;
  /** Recipient counts, then those of each channel, a byte each, slice after slice. */
  readonly counts: Buffer;
  readonly plan: ClosedPlan | null;
  readonly closings: readonly ClosingDocument[];
  /** Encoded Tally of a part whose recipients were removed; the slices named above are those that may still be there. */
  readonly trimmed?: Buffer;
}

interface ClosingDocument {
  readonly channel: string;
  readonly reason: string;
  readonly cursorSlice: number;
  readonly cursorIndex: number;
  readonly outstanding: string;
  readonly at: number;
}

export function toPartDocument(part: Part, v: number): PartDocument {
  const channels = [...new Set([...part.slices.values()].flatMap(({ counts }) => [...counts.channels.keys()]))].sort();
  const width = RECIPIENT_COUNTS.length + CHANNEL_COUNTS.length * channels.length;
  const counts = Buffer.alloc(width * part.slices.size);
  const numbers = Buffer.alloc(4 * part.slices.size);
  const timers = Buffer.alloc(8 * part.slices.size);
  let row = 0;
  for (const [number, slice] of part.slices) {
    numbers.writeUInt32LE(number, row * 4);
    timers.writeDoubleLE(slice.timer, row * 8);
    counts.set(slice.counts.recipients, row * width);
    channels.forEach((channel, place) => {
      const values = slice.counts.channels.get(channel);
      if (values) counts.set(values, row * width + RECIPIENT_COUNTS.length + place * CHANNEL_COUNTS.length);
    });
    row += 1;
  }
  return {
    _id: partKey(part.campaignId, part.partition),
    v,
    campaignId: part.campaignId,
    partition: part.partition,
    tenantId: part.tenantId,
    channels,
    numbers,
    timers,
    counts,
    plan: part.plan,
    closings: part.closings.map((closing) => ({ ...closing, outstanding: [...closing.outstanding].join(' ') })),
    ...(part.trimmed ? { trimmed: Buffer.from(Tally.encode(part.trimmed).finish()) } : {}),
  };
}

export function fromPartDocument(document: PartDocument): Part {
  const width = RECIPIENT_COUNTS.length + CHANNEL_COUNTS.length * document.channels.length;
  const slices = new Map<number, PartSlice>();
  for (let row = 0; row * 4 < document.numbers.length; row += 1) {
    const values = document.counts.subarray(row * width, (row + 1) * width);
    slices.set(document.numbers.readUInt32LE(row * 4), {
      counts: countsOf(values, document.channels),
      timer: document.timers.readDoubleLE(row * 8),
    });
  }
  return {
    campaignId: document.campaignId,
    partition: document.partition,
    tenantId: document.tenantId,
    slices,
    plan: document.plan,
    closings: document.closings.map((closing) => ({
      ...closing,
      reason: closing.reason as CloseReason,
      outstanding: new Set(closing.outstanding === '' ? [] : closing.outstanding.split(' ')),
    })),
    trimmed: document.trimmed ? Tally.decode(document.trimmed) : null,
  };
}

function countsOf(values: Uint8Array, channels: readonly string[]): SliceCounts {
  const recipients = Uint8Array.from(values.subarray(0, RECIPIENT_COUNTS.length));
  const rows = channels.map((channel, place): [string, Uint8Array] => {
    const start = RECIPIENT_COUNTS.length + place * CHANNEL_COUNTS.length;
    return [channel, Uint8Array.from(values.subarray(start, start + CHANNEL_COUNTS.length))];
  });
  return { recipients, channels: new Map(rows.filter(([, row]) => row[0])) };
}
