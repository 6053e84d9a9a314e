import { LANES, RECORDS_APART, SLICE_SIZE, encodeMessage, grantedTopicNamed, record, type OutgoingRecord } from '@tocsin/contracts';
import { Status } from '@tocsin/contracts/common/v1/common';
import { CampaignFrame } from '@tocsin/contracts/routing/v1/plans';
import { grantRecord } from './grant-records.js';
import type { GrantBatch } from './grant-turn.js';

/** Bytes of frames in one bundle at most: a mail's may be some ten thousand, a record at most 900,000. */
const MAX_FRAME_BYTES = 262_144;

/** A record of a granted topic and what it grants. */
export interface TurnRecord {
  readonly lane: number;
  readonly share: number;
  readonly record: OutgoingRecord;
}

interface Bundle {
  readonly lane: number;
  readonly share: number;
  readonly batches: GrantBatch[];
  items: number;
  bytes: number;
}

/** Encoded once for as long as the campaign is open. */
const encoded = new WeakMap<CampaignFrame, Buffer>();

/** What a turn writes: a record for each campaign's batch, or few records of many campaigns where there are more than `apart`, in the order of the batches by lane and share. */
export function turnRecords(
  channel: string,
  batches: readonly GrantBatch[],
  epoch: number,
  now: number,
  apart = RECORDS_APART,
): TurnRecord[] {
  const bundles = batches.length > apart ? bundlesOf(batches) : batches.map((batch) => bundle(batch));
  return bundles.map(({ lane, share, batches: [first, ...others], ...rest }) => {
    if (!first) throw new Error('a bundle holds a batch');
    if (others.length === 0) return { lane, share, record: grantRecord(channel, first, epoch, now) };
    return { lane, share, record: bundleRecord(channel, { lane, share, batches: [first, ...others], ...rest }, epoch, now) };
  });
}

function bundlesOf(batches: readonly GrantBatch[]): Bundle[] {
  const bundles: Bundle[] = [];
  const open = new Map<string, Bundle>();
  for (const batch of batches) {
    const key = `${batch.lane}/${batch.share}`;
    const bytes = frameBytes(batch.frame).length;
    const known = open.get(key);
    if (known && known.items + batch.items.length <= SLICE_SIZE && known.bytes + bytes <= MAX_FRAME_BYTES) {
      known.batches.push(batch);
      known.items += batch.items.length;
      known.bytes += bytes;
    } else {
      const fresh = bundle(batch, bytes);
      open.set(key, fresh);
      bundles.push(fresh);
    }
  }
  return bundles;
}

function bundle(batch: GrantBatch, bytes = 0): Bundle {
  return { lane: batch.lane, share: batch.share, batches: [batch], items: batch.items.length, bytes };
}

function bundleRecord(channel: string, { lane, share, batches }: Bundle, epoch: number, now: number): OutgoingRecord {
  const row = LANES[lane];
  const first = batches[0];
  if (!row || !first) throw new RangeError(`no such lane: ${lane}`);
  const value = { grants: batches.map(({ frame, items }) => ({ frame: frameBytes(frame), items })), grantedAt: now };
  const alike = batches.every(({ frame }) => frame.status === first.frame.status);
  const meta = { tenantId: '', occurredAt: now, lane: row.lane, status: alike ? first.frame.status : Status.UNSPECIFIED, epoch };
  return record(grantedTopicNamed(channel, row.name), first.frame.campaignId, 'tocsin.routing.v1.GrantBundle', value, meta, share);
}

function frameBytes(frame: CampaignFrame): Buffer {
  let bytes = encoded.get(frame);
  if (!bytes) encoded.set(frame, (bytes = encodeMessage(CampaignFrame, frame)));
  return bytes;
}
