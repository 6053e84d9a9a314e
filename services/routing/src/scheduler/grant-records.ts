import {
  LANES,
  LEDGER_PARTITIONS,
  TOPICS,
  deliveryId,
  grantedTopicNamed,
  grantedTopics,
  record,
  type OutgoingRecord,
} from '@tocsin/contracts';
import { StopKind } from '@tocsin/contracts/campaigns/v1/campaign_events';
import type { CampaignQueue } from './campaign-queue.js';
import type { Notice } from './notices.js';
import type { GrantBatch } from './grant-turn.js';
import type { OutstandingGrant } from './outstanding.js';

/** One record of a granted topic; its partition is the share. */
export function grantRecord(channel: string, batch: GrantBatch, epoch: number, now: number): OutgoingRecord {
  const { frame, lane, share, items } = batch;
  const name = LANES[lane]?.name ?? 'bulk';
  const { tenantId, status, expiresAt, traceparent = '' } = frame;
  const meta = { tenantId, occurredAt: now, lane: frame.lane, status, expiresAt, epoch, traceparent };
  const value = { frame, items, routeClass: '', grantedAt: now };
  return record(grantedTopicNamed(channel, name), frame.campaignId, 'tocsin.routing.v1.GrantRecord', value, meta, share);
}

/** What `campaigns` shows the agents of a campaign; channels pass it by. */
export function noticeRecord(channel: string, { campaignId, tenantId, lane, reason, at }: Notice): OutgoingRecord {
  const value = { campaignId, kind: StopKind.NOTICE, lane, at, reason, channel };
  return record(TOPICS.campaignStops.name, campaignId, 'tocsin.campaigns.v1.CampaignStop', value, { tenantId, occurredAt: at, lane });
}

/** One fence for every partition of every granted topic, in lane order, then share. */
export function fenceRecords(channel: string, shares: number, epoch: number, now: number): OutgoingRecord[] {
  return grantedTopics(channel).flatMap((topic) =>
    Array.from({ length: shares }, (_, share) =>
      record(topic, channel, 'tocsin.routing.v1.Fence', { channel, epoch }, { tenantId: '', occurredAt: now, epoch }, share),
    ),
  );
}

/** Tells each ledger partition that nothing more of a campaign is granted on this channel, and what still ends by its attempt. */
export function closeRecords(
  channel: string,
  queue: CampaignQueue,
  outstanding: readonly OutstandingGrant[],
  epoch: number,
  now: number,
): OutgoingRecord[] {
  const { campaignId, tenantId, cursor } = queue;
  const value = {
    campaignId,
    tenantId,
    channel,
    cursorSlice: cursor.slice,
    cursorIndex: cursor.index,
    outstanding: outstanding.map(({ slice, index }) => deliveryId({ campaignId, slice, index, channel })),
    reason: queue.closing?.reason ?? 'CANCELLED',
  };
  return Array.from({ length: LEDGER_PARTITIONS }, (_, partition) =>
    record(TOPICS.planned.name, campaignId, 'tocsin.deliveries.v1.CampaignClosed', value, { tenantId, occurredAt: now, epoch }, partition),
  );
}
