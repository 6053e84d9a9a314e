import type { GrantRecord } from '@tocsin/contracts/routing/v1/grants';
import type { ChannelState } from './channel-state.js';

/**
 * Folds a grant read back from its topic at takeover: the cursor or the out-of-order list moves behind it, and it is outstanding until an attempt
 * says otherwise. Partitions are replayed side by side, in any order between them.
 */
export function replayGrant(state: ChannelState, record: GrantRecord, lane: number, share: number): void {
  const { frame, grantedAt } = record;
  if (!frame) return;
  const { campaignId, tenantId } = frame;
  // What finished had granted its whole plan before the checkpoint; only retries can have come after.
  const finished = state.finished.get(campaignId) !== undefined && !state.queues.has(campaignId);
  const queue = state.open(campaignId, tenantId);
  state.setFrame(queue, frame);
  for (const { item, slice, tag, outOfOrder } of record.items) {
    if (!item || (finished && !outOfOrder)) continue;
    const { index, n } = item;
    queue.replay(slice, index, n, item.cost, outOfOrder);
    if (outOfOrder) state.recentDues.add(campaignId, slice, index, n);
    const cost = Math.max(1, item.cost);
    state.lanes.replay(lane, tenantId, tag, cost);
    state.limits.granted(queue, lane, cost, grantedAt);
    const known = state.outstanding.get(campaignId, slice, index, n);
    // Of two grants of one item the later one stands.
    if (known && known.at > grantedAt) continue;
    state.outstanding.add({ campaignId, slice, index, n, lane, tag, cost, share, at: grantedAt });
  }
  state.settled(queue, -Infinity);
}
