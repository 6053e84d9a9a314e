import { LANES } from '@tocsin/contracts';
import type { ChannelState } from './channel-state.js';

/** Something to read from the store: a campaign's frame, or the content of one of its slices. */
export interface Want {
  readonly campaignId: string;
  /** undefined = the frame. */
  readonly slice: number | undefined;
}

/** What the scheduler should read from the store now, lane by lane and most needed first; the reader stops when it can read no more. */
export function* wantsOf(state: ChannelState, now: number): Generator<Want> {
  const { index } = state;
  for (let lane = 0; lane < LANES.length; lane++) {
    for (const { campaignId } of index.unframed.inLane(lane)) yield { campaignId, slice: undefined };
    const room = state.room(lane);
    if (!room.first) continue;
    for (const queue of index.hungry.inLane(lane)) {
      const { campaignId } = queue;
      if (queue.wantsFirst) yield { campaignId, slice: queue.cursor.slice };
      for (const slice of queue.again.wanted(now)) yield { campaignId, slice };
    }
    if (!room.ahead) continue;
    for (const queue of index.hungryAhead.inLane(lane)) {
      for (const slice of queue.wanted(room)) if (slice > queue.cursor.slice) yield { campaignId: queue.campaignId, slice };
    }
  }
}

/** Due times that have come make their campaigns pickable. */
export function refreshDue(state: ChannelState, now: number): void {
  for (let queue = state.index.fellDue(now); queue; queue = state.index.fellDue(now)) state.refresh(queue, now);
}
