import { record, TOPICS, type OutgoingRecord } from '@tocsin/contracts';
import type { BatchProducer } from '@tocsin/kafka';
import type { Clock } from '@tocsin/service-kit';
import { ensurePartSlice } from '../core/part.js';
import type { Slice } from '../core/slice.js';
import { type Due, earliestTimer, fireTimers, markSent } from '../core/timers.js';
import type { LedgerPartition } from './ledger-partition.js';
import { isClean, type ResidentSlice, touchSlice } from './resident.js';

/** Slices whose timers are let act in one round: each is loaded and written. */
const FIRED_A_ROUND = 200;

/** Lets the timers of a partition act: receipt time-outs of a whole slice make one change, grants that are due wait for the slice's write. */
export async function fireDue(partition: LedgerPartition, clock: Clock): Promise<void> {
  const now = clock.now();
  const due: { campaignId: string; tenantId: string; number: number }[] = [];
  for (const { part } of partition.parts.values()) {
    for (const [number, { timer }] of part.slices) {
      if (timer !== 0 && timer <= now) due.push({ campaignId: part.campaignId, tenantId: part.tenantId, number });
    }
  }
  for (const { campaignId, tenantId, number } of due.slice(0, FIRED_A_ROUND)) {
    const resident = await partition.pinned(campaignId, number, tenantId, now);
    try {
      const { dues, changed } = fireTimers(resident.slice, now);
      if (changed) touchSlice(resident, clock.monotonic());
      if (dues.length > 0) resident.firing = true;
      // The stored slice tells the truth at its next write; here the timer must not fire again meanwhile.
      const next = earliestTimer(resident.slice);
      ensurePartSlice(resident.part.part, number).timer = next > now || next === 0 ? next : now + RETRY_MS;
    } finally {
      resident.pins -= 1;
    }
  }
}

/** ms after which a due whose slice was not stored yet is looked at again. */
const RETRY_MS = 1_000;

/** Asks for the grants that are due in stored slices; they stay due until Kafka acknowledged, so a crash asks again. */
export async function askGrants(residents: readonly ResidentSlice[], producer: BatchProducer, clock: Clock): Promise<number> {
  const now = clock.now();
  const asked: { resident: ResidentSlice; dues: readonly Due[] }[] = [];
  for (const resident of residents) {
    if (!resident.firing || !isClean(resident)) continue;
    asked.push({ resident, dues: fireTimers(resident.slice, now).dues });
    resident.firing = false;
  }
  const records = asked.flatMap(({ resident, dues }) => dueRecords(resident.slice, dues, now));
  if (records.length === 0) return 0;
  try {
    await producer.send(records);
  } catch (error) {
    for (const { resident } of asked) resident.firing = true;
    throw error;
  }
  for (const { resident, dues } of asked) {
    markSent(resident.slice, dues);
    touchSlice(resident, clock.monotonic());
  }
  return records.length;
}

/** One record a slice, channel and reason. */
function dueRecords(slice: Slice, dues: readonly Due[], now: number): OutgoingRecord[] {
  const groups = Map.groupBy(dues, (due) => `${due.channel} ${due.reason}`);
  return [...groups.values()].flatMap((group) => {
    const first = group[0];
    if (!first) return [];
    const value = {
      campaignId: slice.campaignId,
      tenantId: slice.tenantId,
      channel: first.channel,
      slice: slice.number,
      items: group.map(({ index, n }) => ({ index, n })),
      dueAt: Math.min(...group.map((due) => due.at)),
      reason: first.reason,
    };
    const meta = { tenantId: slice.tenantId, occurredAt: now, expiresAt: slice.expiresAt };
    return [record(TOPICS.due.name, first.channel, 'tocsin.deliveries.v1.DueRecord', value, meta)];
  });
}
