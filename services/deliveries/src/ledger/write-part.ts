import { record, sliceKey, TOPICS, type OutgoingRecord } from '@tocsin/contracts';
import type { Clock } from '@tocsin/service-kit';
import { countSlice } from '../core/counts.js';
import { needsWatching, type Part, tallyOf } from '../core/part.js';
import { fromPartDocument, toPartDocument } from '../core/part-document.js';
import { fromSliceDocument } from '../core/slice-document.js';
import { earliestTimer } from '../core/timers.js';
import { markerId, type LedgerStore } from './ledger-store.js';
import { hold, type ResidentPart, touchPart } from './resident.js';

/** Slices read at a time when a guard was lost, about 10 KB each. */
const SLICES_AT_ONCE = 20;

/** Stores a part and answers the tally to emit; its holds stay in flight until `tallyEmitted`. null: the guard was lost, it has to be written again. */
export async function writePart(resident: ResidentPart, store: LedgerStore, clock: Clock): Promise<OutgoingRecord | null> {
  const { part, v, dirtySince } = resident;
  const touched = resident.touched;
  resident.holdsInFlight = resident.holds;
  resident.holds = new Map();
  resident.touched = new Set();
  resident.dirtySince = 0;
  const watched = needsWatching(part);
  const undo = (): void => {
    tallyFailed(resident, dirtySince);
    for (const number of touched) resident.touched.add(number);
  };
  try {
    if (watched && !resident.marked) await mark(resident, store);
    const document = toPartDocument(part, Math.max(1, v));
    const won = v === 0 ? await store.parts.insert(document) : await store.parts.replace(document);
    if (!won) {
      undo();
      await reload(resident, store);
      return null;
    }
    if (!watched && resident.marked) {
      await store.markers.remove(markerId(part.partition, part.campaignId));
      resident.marked = false;
    }
  } catch (error) {
    undo();
    throw error;
  }
  resident.v = Math.max(1, v + 1);
  resident.writtenAt = clock.monotonic();
  return tallyRecord(part, resident.v, clock.now());
}

export function tallyEmitted(resident: ResidentPart): void {
  resident.holdsInFlight = new Map();
}

/** The tally did not leave: what it covers is owed again. */
export function tallyFailed(resident: ResidentPart, now: number): void {
  for (const [topic, offset] of resident.holdsInFlight) hold(resident.holds, topic, offset);
  resident.holdsInFlight = new Map();
  touchPart(resident, now);
}

function tallyRecord(part: Part, sequence: number, now: number): OutgoingRecord {
  const key = `${part.campaignId}:${part.partition}`;
  // What campaigns shows was stored there long ago; the compacted topic forgets the key.
  if (part.trimmed) return { topic: TOPICS.tallies.name, key, envelope: null };
  const value = {
    campaignId: part.campaignId,
    tenantId: part.tenantId,
    partition: part.partition,
    sequence,
    tally: tallyOf(part),
    closed: part.plan !== null,
    closedSlices: part.plan?.slices ?? 0,
    closedRecipients: part.plan?.recipients ?? 0,
  };
  return record(TOPICS.tallies.name, key, 'tocsin.deliveries.v1.TallyPart', value, { tenantId: part.tenantId, occurredAt: now });
}

async function mark(resident: ResidentPart, store: LedgerStore): Promise<void> {
  const { campaignId, partition } = resident.part;
  // Before the part itself: a marker without a part is read for nothing, a part without a marker would sleep for ever.
  await store.markers.insert({ _id: markerId(partition, campaignId), v: 1, campaignId, partition });
  resident.marked = true;
}

/**
 * Takes the stored part and lays over it what this owner knows since. Counts of the slices it stored itself are taken from the slices as they are stored now:
 * another owner may have gone on with them since.
 */
async function reload(resident: ResidentPart, store: LedgerStore): Promise<void> {
  const document = await store.parts.get(resident.key);
  if (document) await countAgain(resident, store);
  // Its version is taken over with what it says, both or neither.
  resident.v = document?.v ?? 0;
  if (!document) return;
  const stored = fromPartDocument(document);
  const { part } = resident;
  if (stored.trimmed) {
    resident.part = stored;
    return;
  }
  for (const [number, slice] of stored.slices) if (!resident.touched.has(number)) part.slices.set(number, slice);
  part.plan ??= stored.plan;
  const known = new Set(part.closings.map((closing) => closing.channel));
  part.closings = [...stored.closings.filter((closing) => !known.has(closing.channel)), ...part.closings];
}

/** Read after the part: who stores a slice later loses the guard of the part, or writes the part after this owner. */
async function countAgain({ part, touched }: ResidentPart, store: LedgerStore): Promise<void> {
  const numbers = [...touched];
  for (let from = 0; from < numbers.length; from += SLICES_AT_ONCE) {
    const page = numbers.slice(from, from + SLICES_AT_ONCE);
    const before = page.map((number) => part.slices.get(number));
    const documents = await store.slices.getMany(page.map((number) => sliceKey(part.campaignId, number)));
    for (const [place, number] of page.entries()) {
      const document = documents[place];
      // A slice that was stored meanwhile has told newer counts.
      if (!document || part.slices.get(number) !== before[place]) continue;
      const slice = fromSliceDocument(document);
      part.slices.set(number, { counts: countSlice(slice), timer: earliestTimer(slice) });
    }
  }
}
