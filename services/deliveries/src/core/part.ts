import type { ReasonCount } from '@tocsin/contracts/common/v1/common';
import type { ChannelTally, Tally } from '@tocsin/contracts/campaigns/v1/campaign';
import type { PlanClosed } from '@tocsin/contracts/deliveries/v1/planned';
import type { Closing } from './closing.js';
import { CHANNEL_COUNTS, NO_COUNTS, RECIPIENT_COUNTS, type SliceCounts } from './counts.js';

/** What a ledger partition knows of one campaign beside its slices. */
export interface Part {
  readonly campaignId: string;
  readonly partition: number;
  tenantId: string;
  readonly slices: Map<number, PartSlice>;
  /** From PlanClosed. */
  plan: ClosedPlan | null;
  /** The last close of each channel. */
  closings: Closing[];
  /** The counts as they were when the retention of its recipients ended; from then on nothing changes, and the slices that are left go. null: before. */
  trimmed: Tally | null;
}

export interface ClosedPlan {
  readonly slices: number;
  readonly recipients: number;
  readonly notReachable: readonly ReasonCount[];
  /** Days the tenant keeps its recipients; 0 or not set = as the setting says. */
  readonly recipientDays?: number;
}

export interface PartSlice {
  counts: SliceCounts;
  /** Unix ms of the slice's next timer, 0 = none; never later than the slice's own. */
  timer: number;
}

export function newPart(campaignId: string, partition: number, tenantId: string): Part {
  return { campaignId, partition, tenantId, slices: new Map(), plan: null, closings: [], trimmed: null };
}

export function partKey(campaignId: string, partition: number): string {
  return `${campaignId}:${partition}`;
}

export function ensurePartSlice(part: Part, number: number): PartSlice {
  const known = part.slices.get(number);
  if (known) return known;
  const entry = { counts: NO_COUNTS, timer: 0 };
  part.slices.set(number, entry);
  return entry;
}

export function closePlan(part: Part, closed: PlanClosed): void {
  const { slices, recipients, notReachable, recipientDays } = closed;
  part.plan = { slices, recipients, notReachable, ...(recipientDays ? { recipientDays } : {}) };
}

export function addClosing(part: Part, closing: Closing): void {
  part.closings = [...part.closings.filter((known) => known.channel !== closing.channel), closing];
}

/** Every recipient of a closed plan is terminal here and nothing is due: the part needs no watching. */
export function isSettled(part: Part): boolean {
  if (part.trimmed) return true;
  if (!part.plan) return false;
  for (const { counts, timer } of part.slices.values()) {
    if (timer !== 0) return false;
    const [recipients = 0, ...ends] = counts.recipients;
    if (recipients !== ends.reduce((sum, count) => sum + count, 0)) return false;
  }
  return true;
}

/** Something of it may still come due. A part that only heard of a close, or of a plan that lies elsewhere, waits for nothing of its own. */
export function needsWatching(part: Part): boolean {
  return part.slices.size > 0 && !isSettled(part);
}

/** Absolute counts of the part's slices; planned slices and recipients count this partition only, not reachable the whole campaign. */
export function tallyOf(part: Part): Tally {
  if (part.trimmed) return part.trimmed;
  const sums = RECIPIENT_COUNTS.map(() => 0);
  const channels = new Map<string, number[]>();
  let plannedSlices = 0;
  for (const { counts } of part.slices.values()) {
    if (counts.recipients[0]) plannedSlices += 1;
    addTo(sums, counts.recipients);
    for (const [channel, row] of counts.channels) {
      const sum = channels.get(channel) ?? CHANNEL_COUNTS.map(() => 0);
      channels.set(channel, addTo(sum, row));
    }
  }
  const [recipients = 0, delivered = 0, acceptedClosed = 0, failed = 0, suppressed = 0, expired = 0, cancelled = 0] = sums;
  const terminal = delivered + acceptedClosed + failed + suppressed + expired + cancelled;
  return {
    recipients,
    delivered,
    acceptedClosed,
    failed,
    suppressed,
    expired,
    cancelled,
    pending: recipients - terminal,
    terminal,
    planClosed: part.plan !== null,
    plannedSlices,
    channels: [...channels].sort(([a], [b]) => (a < b ? -1 : 1)).map(([channel, row]) => channelTally(channel, row)),
    notReachable: [...(part.plan?.notReachable ?? [])],
  };
}

function channelTally(channel: string, row: readonly number[]): ChannelTally {
  const values = Object.fromEntries(CHANNEL_COUNTS.map((name, place) => [name, row[place] ?? 0])) as Record<
    (typeof CHANNEL_COUNTS)[number],
    number
  >;
  return { channel, ...values };
}

function addTo(sum: number[], counts: Uint8Array): number[] {
  counts.forEach((count, place) => (sum[place] = (sum[place] ?? 0) + count));
  return sum;
}
