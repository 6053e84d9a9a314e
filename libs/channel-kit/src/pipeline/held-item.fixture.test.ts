import { CampaignFrame } from '@tocsin/contracts/routing/v1/plans';
import { Lane } from '@tocsin/contracts/common/v1/common';
import type { HeldItem } from './held-item.js';

export const CAMPAIGN = 'cmp_01JD0000000000000000000000';

/** A held item with whatever matters to the test. */
export function heldItem(change: Partial<HeldItem> = {}, frame: Partial<CampaignFrame> = {}): HeldItem {
  const index = change.index ?? 0;
  const n = change.n ?? 1;
  return {
    n,
    frame: CampaignFrame.fromPartial({ campaignId: CAMPAIGN, tenantId: 'ten_1', channel: 'any', purpose: 'alert', ...frame }),
    lane: Lane.STANDARD,
    slice: 0,
    sliceKey: `${frame.campaignId ?? CAMPAIGN}:${change.slice ?? 0}`,
    index,
    tag: 0,
    orderLane: change.lane ?? Lane.STANDARD,
    orderTag: change.tag ?? 0,
    share: 0,
    arrival: 0,
    box: new Uint8Array(),
    addressHash: Buffer.alloc(16, index + 1),
    domainHash: Buffer.alloc(0),
    plannedCost: 1,
    grantedAt: 0,
    traceparent: '',
    places: [],
    state: 'held',
    possibleDuplicate: false,
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
    generation: 0,
    ...change,
  };
}
