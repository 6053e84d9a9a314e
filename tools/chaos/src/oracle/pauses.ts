import type { FaultLog } from '../faults/fault-log.js';

export interface SmsTaken {
  /** Unix ms. */
  readonly at: number;
  readonly campaignId: string;
}

/** A gap belongs to a fault when it begins while it lasts or so long after its end, ms: what is late to fail or to come back. */
const AFTER_END_MS = 3_000;

/**
 * The longest time without a hand-over around one fault, ms, while something waited to be handed over: a gap begins at the last acceptance, or at the release
 * of the campaign of the next one when nothing was there before.
 */
export function pauseOf(fault: FaultLog, sms: readonly SmsTaken[], releasedAt: ReadonlyMap<string, number>): number {
  const until = fault.endedAt + AFTER_END_MS;
  let longest = 0;
  let before: number | undefined;
  for (const { at, campaignId } of sms) {
    if (before !== undefined && before > until) break;
    const began = Math.min(at, Math.max(before ?? at, releasedAt.get(campaignId) ?? at));
    if (at >= fault.startedAt && began <= until) longest = Math.max(longest, at - began);
    before = at;
  }
  return longest;
}

export interface PauseFigures {
  readonly faults: number;
  /** ms; of faults during which no other lasted. */
  readonly p50: number;
  readonly p99: number;
}

/** By kind, of the faults that were alone. */
export function pausesByKind(
  faults: readonly FaultLog[],
  sms: readonly SmsTaken[],
  releasedAt: ReadonlyMap<string, number>,
): Readonly<Record<string, PauseFigures>> {
  const sorted = sms.toSorted((a, b) => a.at - b.at);
  const byKind = new Map<string, number[]>();
  for (const fault of faults) {
    if (fault.overlapped) continue;
    byKind.set(fault.kind, [...(byKind.get(fault.kind) ?? []), pauseOf(fault, sorted, releasedAt)]);
  }
  return Object.fromEntries(
    [...byKind]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([kind, all]) => [kind, { faults: all.length, p50: quantile(all, 0.5), p99: quantile(all, 0.99) }]),
  );
}

/** The longest time without an SMS taken that touches [from, to] (Unix ms), ms. */
export function longestPause(sms: readonly SmsTaken[], from: number, to: number): number {
  const stamps = sms.map(({ at }) => at).toSorted((a, b) => a - b);
  let before = from;
  let longest = 0;
  for (const at of stamps) {
    if (at < from) continue;
    longest = Math.max(longest, Math.min(at, to) - before);
    if (at > to) return longest;
    before = at;
  }
  return Math.max(longest, to - before);
}

/** The value below which a part of all lies (nearest rank); 0 of none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
}
