import { LANES } from '@tocsin/contracts';
import { FairLanes, FifoLanes, type FairLanesSnapshot, type LaneOrder } from '@tocsin/fairness';

/** fair: what the design promises. fifo: campaigns in the order of their release, a control for measurements only. */
export const LANE_POLICIES = ['fair', 'fifo'] as const;
export type LanePolicy = (typeof LANE_POLICIES)[number];

/** `floors`: part of all units that a lane gets at least, by lane; the control knows none. */
export function newLanes(policy: LanePolicy, floors?: readonly number[]): LaneOrder {
  return policy === 'fifo' ? new FifoLanes(LANES.length) : new FairLanes(LANES.length, floors);
}

/** A checkpoint of either policy may be read by the other. */
export function restoreLanes(policy: LanePolicy, snapshot: FairLanesSnapshot, floors?: readonly number[]): LaneOrder {
  return policy === 'fifo' ? FifoLanes.restore(snapshot) : FairLanes.restore(snapshot, floors);
}
