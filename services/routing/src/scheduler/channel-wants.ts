import { OUTSTANDING_SLACK_MS, type ChannelState } from './channel-state.js';

export interface Wants {
  /** Campaigns whose frame is not known: their plan document has it. */
  readonly frames: string[];
  readonly slices: { readonly campaignId: string; readonly slice: number }[];
}

/** What the scheduler should read from the store now, most needed first. */
export function wantsOf(state: ChannelState, now: number): Wants {
  const room = state.room();
  const frames: string[] = [];
  const first: Wants['slices'] = [];
  const ahead: Wants['slices'] = [];
  for (const queue of state.queues.values()) {
    if (!queue.frame) {
      const needed = queue.backlog > 0 || !queue.again.empty || state.outstanding.countOf(queue.campaignId) > 0;
      if (needed) frames.push(queue.campaignId);
      continue;
    }
    const { campaignId } = queue;
    for (const slice of queue.wanted(room)) (slice === queue.cursor.slice ? first : ahead).push({ campaignId, slice });
    if (!queue.paused && room.first) for (const slice of queue.again.wanted(now)) first.push({ campaignId, slice });
  }
  return { frames, slices: [...first, ...ahead] };
}

/** When time alone will change something (an expiry, a due), Unix ms; undefined = never. */
export function nextMoment(state: ChannelState, now: number): number | undefined {
  let soonest = Infinity;
  for (const queue of state.queues.values()) {
    const expiresAt = queue.frame?.expiresAt ?? 0;
    if (expiresAt > 0) {
      if (!queue.closing) soonest = Math.min(soonest, expiresAt);
      else if (state.outstanding.countOf(queue.campaignId) > 0) soonest = Math.min(soonest, expiresAt + OUTSTANDING_SLACK_MS);
    }
    const due = queue.again.firstDueAt();
    if (due !== undefined && due > now) soonest = Math.min(soonest, due);
  }
  return soonest === Infinity ? undefined : soonest;
}

/** Due times that have come make their campaigns pickable. */
export function refreshDue(state: ChannelState, now: number): void {
  for (const queue of state.queues.values()) {
    const due = queue.again.firstDueAt();
    if (due !== undefined && due <= now) state.refresh(queue, now);
  }
}
