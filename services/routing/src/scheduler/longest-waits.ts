import type { CampaignQueue } from './campaign-queue.js';
import type { ChannelState } from './channel-state.js';

/** Campaigns named in the log. */
const NAMED = 5;

export interface Wait {
  readonly queue: CampaignQueue;
  /** Since its last grant, or since its release when this owner granted it nothing yet. */
  readonly ms: number;
}

export interface Waits {
  /** ms of the longest wait of each lane, 0 = none waits. */
  readonly byLane: readonly number[];
  /** Campaigns of each lane that have something to do and are held by operators. */
  readonly heldByLane: readonly number[];
  /** The five that wait longest, whatever their lane. */
  readonly campaigns: readonly Wait[];
}

/** Who has something to grant, is held by no pause, pace, quota or budget of its own, and gets nothing. `now`: Unix ms. */
export function longestWaits(state: ChannelState, now: number): Waits {
  const byLane: number[] = [];
  const heldByLane: number[] = [];
  const campaigns: Wait[] = [];
  for (const queue of state.queues.values()) {
    if (queue.lane === undefined) continue;
    if (held(queue, state, now)) {
      heldByLane[queue.lane] = (heldByLane[queue.lane] ?? 0) + 1;
      continue;
    }
    if (!waits(queue, state, now)) continue;
    const ms = Math.max(0, now - Math.max(queue.grantedAt, queue.frame?.releasedAt ?? now));
    byLane[queue.lane] = Math.max(byLane[queue.lane] ?? 0, ms);
    if (campaigns.length < NAMED || ms > (campaigns.at(-1)?.ms ?? 0)) {
      campaigns.push({ queue, ms });
      campaigns.sort((a, b) => b.ms - a.ms).splice(NAMED);
    }
  }
  return { byLane, heldByLane, campaigns };
}

function held({ frame, closing, backlog, again }: CampaignQueue, state: ChannelState, now: number): boolean {
  return frame !== undefined && !closing && (backlog > 0 || !again.empty) && state.controls.heldUntil(frame, now) > now;
}

function waits(queue: CampaignQueue, state: ChannelState, now: number): boolean {
  if (queue.paused || queue.closing || queue.asleep || state.gates.has(queue)) return false;
  return queue.ready(now) || queue.wantsFirst;
}
