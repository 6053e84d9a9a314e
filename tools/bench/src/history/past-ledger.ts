import { contactId, LEDGER_PARTITIONS, PAGE_SIZE, SLICE_SIZE, attemptsTopic, receiptsTopic, sliceKey, TOPICS } from '@tocsin/contracts';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { AttemptRecord, Outcome, ReceiptRecord, ReceiptState } from '@tocsin/contracts/deliveries/v1/attempts';
import { PlannedSlice } from '@tocsin/contracts/deliveries/v1/planned';
import { TallyPart } from '@tocsin/contracts/deliveries/v1/tallies';
import { partitionOf } from '@tocsin/kafka';
import { countSlice } from '../../../../services/deliveries/dist/core/counts.js';
import { foldFact, type SliceFact } from '../../../../services/deliveries/dist/core/fold.js';
import { closePlan, ensurePartSlice, isSettled, newPart, type Part, tallyOf } from '../../../../services/deliveries/dist/core/part.js';
import { type PartDocument, toPartDocument } from '../../../../services/deliveries/dist/core/part-document.js';
import { newSlice, type Slice } from '../../../../services/deliveries/dist/core/slice.js';
import { type SliceDocument, toSliceDocument } from '../../../../services/deliveries/dist/core/slice-document.js';
import { earliestTimer, fireTimers } from '../../../../services/deliveries/dist/core/timers.js';

/** ms from the release to the first submit, and between two. */
const FIRST_SUBMIT_MS = 300;
const SUBMIT_EVERY_MS = 2;
/** ms a receipt takes. */
const RECEIPT_MS = 4_000;
/** ms without one until a delivery is closed unconfirmed, as the channel's manifest says. */
const RECEIPT_TIMEOUT_MS = 600_000;
/** Of 100 recipients: numbers that do not exist, and phones that never answer. */
const UNKNOWN_NUMBERS = 3;
const SILENT_PHONES = 5;
/** Version of a document that was written planned, attempted and ended. */
const WRITES = 3;

const RULES = { acceptedIsTerminal: false, receiptTimeout: RECEIPT_TIMEOUT_MS, retryDelays: [] };

export interface PastSend {
  readonly campaignId: string;
  readonly tenantId: string;
  readonly recipients: number;
  /** Unix ms. */
  readonly releasedAt: number;
  readonly expiresAt: number;
  readonly channel: string;
}

export interface PastLedger {
  readonly slices: readonly SliceDocument[];
  readonly parts: readonly PartDocument[];
  readonly tallies: readonly TallyPart[];
  /** Unix ms when its last recipient was terminal. */
  readonly finishedAt: number;
}

/** What the ledger holds of a campaign that ended, folded by the ledger's own code from the facts it would have read. */
export function pastLedger(send: PastSend): PastLedger {
  const { campaignId, tenantId, recipients, releasedAt } = send;
  const parts = new Map<number, Part>();
  const slices: SliceDocument[] = [];
  const count = Math.ceil(recipients / SLICE_SIZE);
  for (let number = 0; number < count; number += 1) {
    const slice = pastSlice(send, number, Math.min(SLICE_SIZE, recipients - number * SLICE_SIZE));
    slices.push(toSliceDocument(slice, WRITES));
    const partition = partitionOf(Buffer.from(sliceKey(campaignId, number)), LEDGER_PARTITIONS);
    const part = parts.get(partition) ?? newPart(campaignId, partition, tenantId);
    parts.set(partition, part);
    Object.assign(ensurePartSlice(part, number), { counts: countSlice(slice), timer: earliestTimer(slice) });
  }
  for (const part of parts.values()) {
    closePlan(part, { campaignId, tenantId, slices: count, recipients, notReachable: [] });
    if (!isSettled(part)) throw new Error('a campaign of the past has not ended');
  }
  const own = [...parts.values()].toSorted((a, b) => a.partition - b.partition);
  return {
    slices,
    parts: own.map((part) => toPartDocument(part, WRITES)),
    tallies: own.map((part) =>
      TallyPart.fromPartial({
        campaignId,
        tenantId,
        partition: part.partition,
        sequence: WRITES,
        tally: tallyOf(part),
        closed: true,
        closedSlices: count,
        closedRecipients: recipients,
      }),
    ),
    finishedAt: releasedAt + FIRST_SUBMIT_MS + recipients * SUBMIT_EVERY_MS + RECEIPT_TIMEOUT_MS,
  };
}

function pastSlice(send: PastSend, number: number, size: number): Slice {
  const { campaignId, tenantId, channel, releasedAt, expiresAt } = send;
  const slice = newSlice(campaignId, number, tenantId, releasedAt);
  const indices = Array.from({ length: size }, (_, index) => index);
  const submittedAt = (index: number): number => releasedAt + FIRST_SUBMIT_MS + (number * SLICE_SIZE + index) * SUBMIT_EVERY_MS;
  const planned = PlannedSlice.fromPartial({ campaignId, tenantId, slice: number, mode: Mode.PARALLEL, expiresAt });
  planned.recipients = indices.map((index) => ({ index, contactId: placeOf(number * SLICE_SIZE + index), channels: [channel] }));
  const attempts = AttemptRecord.fromPartial({
    campaignId,
    tenantId,
    slice: number,
    channel,
    attempts: indices.map((index) => ({
      index,
      n: 1,
      outcome: index % 100 < UNKNOWN_NUMBERS ? Outcome.FAILED : Outcome.ACCEPTED,
      ...(index % 100 < UNKNOWN_NUMBERS ? { reason: 'ADDRESS_UNKNOWN', providerCode: '11' } : {}),
      submittedAt: submittedAt(index),
      answeredAt: submittedAt(index) + 20,
    })),
  });
  const receipts = ReceiptRecord.fromPartial({
    campaignId,
    tenantId,
    slice: number,
    channel,
    receipts: indices
      .filter((index) => index % 100 >= UNKNOWN_NUMBERS + SILENT_PHONES)
      .map((index) => ({ index, n: 1, state: ReceiptState.DELIVERED, occurredAt: submittedAt(index) + RECEIPT_MS })),
  });
  const facts: SliceFact[] = [
    { topic: TOPICS.planned.name, offset: number, at: releasedAt, body: { kind: 'planned', record: planned } },
    { topic: attemptsTopic(channel), offset: number, at: submittedAt(size), body: { kind: 'attempts', record: attempts } },
    { topic: receiptsTopic(channel), offset: number, at: submittedAt(size), body: { kind: 'receipts', record: receipts } },
  ];
  for (const fact of facts) foldFact(slice, fact, [], () => RULES);
  fireTimers(slice, submittedAt(size) + RECEIPT_TIMEOUT_MS + 1_000);
  return slice;
}

/** The contact at a place of a register, counted from 0. */
function placeOf(place: number): string {
  return contactId(Math.floor(place / PAGE_SIZE), place % PAGE_SIZE);
}
