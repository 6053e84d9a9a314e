import {
  LEDGER_PARTITIONS,
  RECORD_TYPES,
  TOPICS,
  packEnvelope,
  record,
  sliceKey,
  type EnvelopeMeta,
  type OutgoingRecord,
  type RecordType,
} from '@tocsin/contracts';

import { StopKind } from '@tocsin/contracts/campaigns/v1/campaign_events';
import type { PlanControlKind } from '@tocsin/contracts/routing/v1/plans';
import { EXPANSION } from './expansion-guard.js';
import { frameOf, type Release } from './frame.js';
import type { PlanDocument } from './plan-store.js';
import { planSlicePayload, sealKeyOf, type SliceDocument } from './slice-document.js';

const NOTHING = new Uint8Array(0);

/** What slice n says to the ledger and to each channel's scheduler; the plan record carries its items, so that nobody reads them back. */
export function sliceRecords(
  release: Release,
  channels: readonly string[],
  slice: number,
  document: SliceDocument,
  now: number,
): OutgoingRecord[] {
  const { campaign } = release;
  const meta = metaOf(release, now);
  const key = sliceKey(campaign.campaignId, slice);
  const sealKey = sealKeyOf(document);
  const plans = channels.map((channel) => {
    const payload = planSlicePayload(document, slice, frameOf(release, channel, sealKey));
    return encodedRecord(TOPICS.plans.name, channel, 'tocsin.routing.v1.PlanSlice', payload, meta);
  });
  // The schedulers' records first: a hand-over waits for them, the ledger takes facts in any order.
  return [...plans, encodedRecord(TOPICS.planned.name, key, 'tocsin.deliveries.v1.PlannedSlice', document.planned, meta)];
}

/** The plan names no recipient after these: to every partition of the ledger, and to each channel. */
export function closeRecords(
  release: Release,
  channels: readonly string[],
  closed: NonNullable<PlanDocument['closed']>,
  now: number,
): OutgoingRecord[] {
  const { campaignId, tenantId } = release.campaign;
  const meta = metaOf(release, now);
  const { slices, recipients } = closed;
  const value = {
    campaignId,
    tenantId,
    slices,
    recipients,
    notReachable: [...closed.notReachable],
    recipientDays: release.released.recipientDays,
  };
  const ends = channels.map((channel) =>
    record(TOPICS.plans.name, channel, 'tocsin.routing.v1.PlanEnd', { campaignId, tenantId, channel, slices }, meta),
  );
  const closes = Array.from({ length: LEDGER_PARTITIONS }, (_, partition) =>
    record(TOPICS.planned.name, campaignId, 'tocsin.deliveries.v1.PlanClosed', value, meta, partition),
  );
  return [...closes, ...ends];
}

/** What an agent (or the expansion guard) decided, to each channel's scheduler. `version`: of the campaign. */
export function controlRecords(
  release: Release,
  channels: readonly string[],
  kind: PlanControlKind,
  reason: string,
  version: number,
  now: number,
): OutgoingRecord[] {
  const { campaignId, tenantId } = release.campaign;
  const meta = { ...metaOf(release, now), epoch: version };
  return channels.map((channel) =>
    record(TOPICS.plans.name, channel, 'tocsin.routing.v1.PlanControl', { campaignId, tenantId, channel, kind, reason }, meta),
  );
}

/** Channels give back what they hold of a campaign whose expansion must be confirmed; `campaigns` shows its agents that it waits for them. */
export function haltRecord(release: Release, now: number): OutgoingRecord {
  const { campaignId, lane } = release.campaign;
  const value = { campaignId, kind: StopKind.PAUSED, lane, at: now, reason: EXPANSION };
  return record(TOPICS.campaignStops.name, campaignId, 'tocsin.campaigns.v1.CampaignStop', value, metaOf(release, now));
}

function metaOf({ campaign, released }: Release, now: number): EnvelopeMeta {
  const { tenantId, lane, status, expiresAt } = campaign;
  return { tenantId, occurredAt: now, lane, status, expiresAt, traceparent: released.traceparent ?? '' };
}

/** A record whose payload is encoded already. */
function encodedRecord(topic: string, key: string, type: RecordType, payload: Buffer, meta: EnvelopeMeta): OutgoingRecord {
  return { topic, key, envelope: { ...packEnvelope(type, RECORD_TYPES[type].decode(NOTHING), meta), payload } };
}
