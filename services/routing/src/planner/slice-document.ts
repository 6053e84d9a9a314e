import type { Guarded } from '@tocsin/mongo';
import { encodeMessage, sliceKey } from '@tocsin/contracts';
import type { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { SealKey, type ReasonCount } from '@tocsin/contracts/common/v1/common';
import { PlannedSlice } from '@tocsin/contracts/deliveries/v1/planned';
import { PlanSlice, type CampaignFrame } from '@tocsin/contracts/routing/v1/plans';
import type { CutSlice } from './slice-builder.js';

/** A slice at rest, immutable; its insert is the claim that decides which contacts slice n holds. */
export interface SliceDocument extends Guarded {
  readonly position: string;
  readonly total: number;
  readonly notReachable: readonly ReasonCount[];
  /** Encoded PlannedSlice. */
  readonly planned: Buffer;
  readonly sealKey: Buffer;
  /** Per channel: every item as an encoded PlanSlice without frame, and the indices its cursor leaves out. */
  readonly channels: readonly { readonly channel: string; readonly items: Buffer; readonly later: readonly number[] }[];
}

export interface SliceOf {
  readonly campaignId: string;
  readonly tenantId: string;
  readonly mode: Mode;
  readonly expiresAt: number;
}

export function sliceDocument(campaign: SliceOf, slice: number, cut: CutSlice): SliceDocument {
  const planned = encodeMessage(PlannedSlice, { ...campaign, slice, recipients: [...cut.recipients] });
  return {
    _id: sliceKey(campaign.campaignId, slice),
    v: 1,
    position: cut.position,
    total: cut.total,
    notReachable: cut.notReachable,
    planned,
    sealKey: encodeMessage(SealKey, cut.sealKey ?? SealKey.create()),
    channels: cut.channels.map(({ channel, items, later }) => ({
      channel,
      items: encodeMessage(PlanSlice, { frame: undefined, slice, items: [...items] }),
      later,
    })),
  };
}

export function sealKeyOf(document: SliceDocument): SealKey {
  return SealKey.decode(document.sealKey);
}

/** A channel's items of a stored slice: all of them, and those its cursor grants. */
export function itemsOf(
  document: SliceDocument,
  channel: string,
): { readonly all: PlanSlice['items']; readonly inOrder: PlanSlice['items'] } {
  const stored = document.channels.find((candidate) => candidate.channel === channel);
  if (!stored) return { all: [], inOrder: [] };
  const all = PlanSlice.decode(stored.items).items;
  if (stored.later.length === 0) return { all, inOrder: all };
  const later = new Set(stored.later);
  return { all, inOrder: all.filter((item) => !later.has(item.index)) };
}

/**
 * The encoded PlanSlice that announces a stored slice on one channel, even when it holds nothing for it: slices are counted without a gap. Protobuf
 * messages join by concatenation, so that what is stored goes out without being read.
 */
export function planSlicePayload(document: SliceDocument, slice: number, frame: CampaignFrame): Buffer {
  const stored = document.channels.find((candidate) => candidate.channel === frame.channel);
  if (stored && stored.later.length === 0) {
    const head = encodeMessage(PlanSlice, { frame, slice: 0, items: [] });
    return Buffer.concat([head, stored.items]);
  }
  return encodeMessage(PlanSlice, { frame, slice, items: [...itemsOf(document, frame.channel).inOrder] });
}
