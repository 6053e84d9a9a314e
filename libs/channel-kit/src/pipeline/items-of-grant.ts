import { SLICE_SIZE, sliceKey } from '@tocsin/contracts';
import type { Lane } from '@tocsin/contracts/common/v1/common';
import type { GrantRecord } from '@tocsin/contracts/routing/v1/grants';
import type { CampaignFrame } from '@tocsin/contracts/routing/v1/plans';
import type { HeldItem } from './held-item.js';
import type { RecordPlace } from './offset-tracker.js';

/** Where and how a grant record was read. */
export interface GrantReading {
  readonly lane: Lane;
  readonly share: number;
  readonly traceparent: string;
  readonly possibleDuplicate: boolean;
  readonly generation: number;
  /** Arrival number of the first item. */
  readonly arrival: number;
  readonly place: RecordPlace;
}

/** The frame of a grant; throws RangeError when the whole record is unusable. */
export function frameOfGrant(channel: string, { frame }: GrantRecord): CampaignFrame {
  if (!frame?.campaignId || !frame.tenantId) throw new RangeError('a grant names its campaign and tenant');
  if (frame.channel !== channel) throw new RangeError('a grant is for one channel');
  return frame;
}

/** The items of a grant; undefined stands for one that names no place in a slice. */
export function itemsOfGrant(grant: GrantRecord, frame: CampaignFrame, reading: GrantReading): (HeldItem | undefined)[] {
  let [slice, key] = [-1, ''];
  return grant.items.map((granted, at) => {
    const item = granted.item;
    if (!item || item.index >= SLICE_SIZE || item.n < 1) return undefined;
    if (granted.slice !== slice) [slice, key] = [granted.slice, sliceKey(frame.campaignId, granted.slice)];
    return {
      n: item.n,
      frame,
      lane: reading.lane,
      slice,
      sliceKey: key,
      index: item.index,
      tag: granted.tag,
      orderLane: granted.orderLane ?? reading.lane,
      orderTag: granted.orderTag ?? granted.tag,
      share: reading.share,
      arrival: reading.arrival + at,
      box: item.box,
      addressHash: item.addressHash,
      domainHash: item.domainHash,
      plannedCost: item.cost,
      grantedAt: grant.grantedAt,
      traceparent: reading.traceparent,
      places: [reading.place],
      state: 'held',
      possibleDuplicate: reading.possibleDuplicate,
      inDoubt: false,
      doubtfulSince: 0,
      unanswered: 0,
      throttled: 0,
      takenBefore: 0,
      partly: false,
      pinned: undefined,
      pinnedUntil: 0,
      doubtfulAt: '',
      doubtResolved: false,
      generation: reading.generation,
    };
  });
}
