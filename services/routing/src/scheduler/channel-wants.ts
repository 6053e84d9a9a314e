import type { ChannelState } from './channel-state.js';

/** Something to read from the store: a campaign's frame, or the content of one of its slices. */
export interface Want {
  readonly campaignId: string;
  /** undefined = the frame. */
  readonly slice: number | undefined;
}

/** What the scheduler should read from the store now, most needed first; the reader stops when it can read no more. */
export function* wantsOf(state: ChannelState, now: number): Generator<Want> {
  const { index } = state;
  for (const { campaignId } of index.unframed) yield { campaignId, slice: undefined };
  const room = state.room();
  if (room.first) {
    for (const queue of index.hungry) {
      const { campaignId } = queue;
      if (queue.wantsFirst) yield { campaignId, slice: queue.cursor.slice };
      for (const slice of queue.again.wanted(now)) yield { campaignId, slice };
    }
  }
  if (!room.ahead) return;
  for (const queue of index.hungryAhead) {
    for (const slice of queue.wanted(room)) if (slice > queue.cursor.slice) yield { campaignId: queue.campaignId, slice };
  }
}

/** Due times that have come make their campaigns pickable. */
export function refreshDue(state: ChannelState, now: number): void {
  for (let queue = state.index.fellDue(now); queue; queue = state.index.fellDue(now)) state.refresh(queue, now);
}
