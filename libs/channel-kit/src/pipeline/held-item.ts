import { deliveryId } from '@tocsin/contracts';
import type { CampaignFrame } from '@tocsin/contracts/routing/v1/plans';
import type { Lane } from '@tocsin/contracts/common/v1/common';
import type { RecordPlace } from './offset-tracker.js';
import type { PacedRoute } from './paced-route.js';

/** One granted item from the moment it is read until Kafka has acknowledged its attempt. */
export interface HeldItem {
  /** Number of the attempt: delivery and n together must not be submitted twice. */
  readonly n: number;
  readonly frame: CampaignFrame;
  /** Of the topic it came by, not of the frame. */
  readonly lane: Lane;
  readonly slice: number;
  /** Key of its slice, one text for all items of a record: it is looked up at each step. */
  readonly sliceKey: string;
  readonly index: number;
  /** Virtual start tag within its lane. */
  readonly tag: number;
  /** Where it stands in the window: its own lane and tag, or the place of the severer item that a floor gave it. */
  readonly orderLane: Lane;
  readonly orderTag: number;
  readonly share: number;
  /** Order of reading; breaks ties. */
  readonly arrival: number;
  readonly box: Uint8Array;
  readonly addressHash: Buffer;
  readonly domainHash: Buffer;
  /** As granted, in the channel's cost unit. */
  readonly plannedCost: number;
  /** Unix ms of the grant, 0 = not said. */
  readonly grantedAt: number;
  readonly traceparent: string;
  /** Every grant record that waits for this item; a grant read twice adds one. */
  readonly places: RecordPlace[];
  state: 'held' | 'submitted' | 'recorded';
  possibleDuplicate: boolean;
  /** Submitted and its attempt not yet acknowledged by Kafka. */
  inDoubt: boolean;
  /** Unix ms of the last submission that left it in doubt, 0 = none. */
  doubtfulSince: number;
  /** Times the provider left a written submission unanswered. */
  unanswered: number;
  /** Times the provider asked to slow down, and how much it had taken of the others at the first of them. */
  throttled: number;
  takenBefore: number;
  /** Some parts of a long message were taken, the others not yet. */
  partly: boolean;
  /** The route it waits for, of several: one that will know it again, or another one than it failed on. */
  pinned: PacedRoute | undefined;
  /** Monotonic ms until which it waits for that route while it cannot be used. */
  pinnedUntil: number;
  /** Provider of every submission that left it in doubt, as far as its key excludes a second copy; '' = not known, or several. */
  doubtfulAt: string;
  /** It was in doubt, and its provider has ruled out a second copy. */
  doubtResolved: boolean;
  /** Assignment it belongs to; an item of an older one is never held again. */
  generation: number;
}

/** The delivery's id, made where it is needed: most steps ask for the slice and the place in it. */
export function deliveryIdOf({ frame, slice, index }: HeldItem): string {
  return deliveryId({ campaignId: frame.campaignId, slice, index, channel: frame.channel });
}
