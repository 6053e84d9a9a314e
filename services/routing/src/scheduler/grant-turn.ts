import type { FairPick } from '@tocsin/fairness';
import type { CampaignFrame } from '@tocsin/contracts/routing/v1/plans';
import type { GrantItem } from '@tocsin/contracts/routing/v1/grants';
import { LANES, SLICE_SIZE } from '@tocsin/contracts';
import type { Lane } from '@tocsin/contracts/common/v1/common';
import { URGENT_LANES, type ChannelState } from './channel-state.js';
import { refreshDue } from './channel-wants.js';
import type { LiveCapacity } from './shares.js';
import { UnitsBefore } from './units-before.js';
import { MAX_WINDOW } from './window.js';

/** What one record on a granted topic will say. */
export interface GrantBatch {
  readonly lane: number;
  readonly share: number;
  readonly frame: CampaignFrame;
  readonly items: GrantItem[];
  /** Unix ms at which each was planned, in the order of items; undefined = not known. */
  readonly plannedAt: (number | undefined)[];
}

/** Items of one turn at most: picks cost a microsecond, but a turn must end so that attempts are read. */
export const MAX_ITEMS_A_TURN = 1_000;
/** Units by which a share may be ahead of the least loaded one before a campaign's record of this turn changes share: fewer, fuller records. */
const STICKY_UNITS = 8;
/** Urgent lanes do not count what lies in other lanes, and their own window is so wide that only memory is bounded by it. */
const URGENT_WINDOWS = 8;
/** What floors gave stands among the urgent lanes' windows, and is as much as they at most. */
const AHEAD_WINDOWS = 2 * URGENT_WINDOWS;

/** Grants what the window allows. Changes the state: everything answered must be sent. */
export function grantTurn(state: ChannelState, now: number): GrantBatch[] {
  state.expire(now);
  refreshDue(state, now);
  state.openGates(now);
  const live = state.shares.live(now);
  state.window.judge(live, now);
  if (live.shares.length === 0) return [];
  const window = windowOf(state, live);
  const { admits, mayGoAhead } = window;
  const turn = new Turn(state, live, now, window, (lane) => state.lanes.hasBacklog(lane) && (lane === 0 || mayGoAhead(lane)));
  for (let taken = 0; taken < MAX_ITEMS_A_TURN; taken++) {
    const pick = state.lanes.pick(admits, mayGoAhead);
    if (!pick) break;
    turn.take(pick);
  }
  if (anyHeld(state)) state.window.heldBack();
  return turn.batches;
}

/** Whether a turn would grant something now: with work to do, a scheduler that does not move is stuck. */
export function wouldGrant(state: ChannelState, now: number): boolean {
  const live = state.shares.live(now);
  return live.shares.length > 0 && state.lanes.pick(windowOf(state, live).admits) !== undefined;
}

interface Windows {
  /** Whether a lane may be granted its next item, which has this tag. */
  readonly admits: (lane: number, tag: number) => boolean;
  /**
   * Whether a floor may give a lane a severer one's turn: a channel full of severer items does not read it, so that only so much may lie there and no
   * more is owed.
   */
  readonly mayGoAhead: (lane: number) => boolean;
  readonly granted: (lane: number, cost: number) => void;
}

/**
 * The window counts what a channel serves *before* an item, not all that is granted: a newcomer's items go before those that a city, alone until then, has
 * granted far ahead, and must not wait until those are served. So with n tenants entering one after the other at most about size x (1 + ln n) is out.
 * What lies at the shares of an owner that is gone is not on its way: it must not hold up those that live.
 */
function windowOf(state: ChannelState, live: LiveCapacity): Windows {
  const { outstanding } = state;
  const size = state.window.size(live);
  const alive = new Set(live.shares.map(({ share }) => share));
  // Grants of the turn go to live shares only, so this stays.
  const stuck = LANES.map((_, lane) => outstanding.besides(lane, alive));
  const before = LANES.map((_, lane) => new UnitsBefore(outstanding, lane, alive));
  const moving = (lane: number): number => outstanding.costInLane(lane) - (stuck[lane]?.cost ?? 0);
  return {
    admits: (lane, tag) => {
      let severer = 0;
      let items = 0;
      for (let other = 0; other <= lane; other++) {
        if (other < lane) severer += moving(other);
        items += outstanding.itemsInLane(other) - (stuck[other]?.items ?? 0);
      }
      if (items < live.shares.length) return true;
      const limit = lane < URGENT_LANES ? Math.min(size * URGENT_WINDOWS, MAX_WINDOW) : size;
      if (severer >= limit) return false;
      if (severer + moving(lane) < limit) return true;
      // Whoever is alone has everything of his before his next item: nothing to sort.
      return tag < outstanding.highestTag(lane) && severer + (before[lane]?.of(tag) ?? 0) < limit;
    },
    mayGoAhead: (lane) => outstanding.aheadInLane(lane) < Math.max(size * AHEAD_WINDOWS, 1),
    granted: (lane, cost) => before[lane]?.grant(cost),
  };
}

function anyHeld(state: ChannelState): boolean {
  return LANES.some((_, lane) => state.lanes.hasBacklog(lane));
}

class Turn {
  readonly batches: GrantBatch[] = [];
  private readonly open = new Map<string, GrantBatch>();

  constructor(
    private readonly state: ChannelState,
    private readonly live: LiveCapacity,
    private readonly now: number,
    private readonly window: Windows,
    private readonly waits: (lane: number) => boolean,
  ) {}

  take(pick: FairPick): void {
    const { state, now } = this;
    const queue = state.queues.get(pick.campaign);
    const next = queue?.next(now);
    if (!queue?.frame || !next) {
      // The backlog flag was stale; never spin on it.
      state.lanes.setBacklogged(pick.lane, pick.tenant, pick.campaign, false);
      if (queue) state.settled(queue, now);
      return;
    }
    const cost = Math.max(1, next.item.cost);
    const tag = state.lanes.take(pick, cost, this.waits);
    queue.took(next);
    queue.grantedAt = now;
    const { slice, item, n, outOfOrder } = next;
    if (outOfOrder) state.recentDues.add(queue.campaignId, slice, item.index, n);
    const batch = this.batchOf(pick, queue.frame);
    batch.plannedAt.push(queue.plannedAt(next));
    batch.items.push({ slice, item, tag, outOfOrder, orderLane: orderLaneOf(pick), orderTag: pick.ahead?.tag });
    state.outstanding.add({
      campaignId: queue.campaignId,
      slice,
      index: item.index,
      n,
      lane: pick.lane,
      tag,
      cost,
      share: batch.share,
      at: now,
      ahead: pick.ahead !== undefined,
    });
    this.window.granted(pick.lane, cost);
    // What a tenant's campaigns share is used up: all of them stand differently.
    if (state.limits.granted(queue, pick.lane, cost, now)) state.refreshTenant(queue.tenantId, now);
    else state.refresh(queue, now);
  }

  private batchOf(pick: FairPick, frame: CampaignFrame): GrantBatch {
    const known = this.open.get(pick.campaign);
    const least = this.leastLoaded();
    const ahead = known ? this.state.outstanding.onShare(known.share) - this.state.outstanding.onShare(least) : Infinity;
    if (known?.lane === pick.lane && ahead < STICKY_UNITS && known.items.length < SLICE_SIZE) return known;
    const batch: GrantBatch = { lane: pick.lane, share: least, frame, items: [], plannedAt: [] };
    this.open.set(pick.campaign, batch);
    this.batches.push(batch);
    return batch;
  }

  /** By time to drain, so that a share with half the rate holds half as much. */
  private leastLoaded(): number {
    let best = this.live.shares[0];
    for (const share of this.live.shares) {
      if (best && this.state.outstanding.onShare(share.share) / share.rate < this.state.outstanding.onShare(best.share) / best.rate)
        best = share;
    }
    return best?.share ?? 0;
  }
}

/** The lane in whose place a floor serves an item, for the channel that orders its window by lane first. */
function orderLaneOf({ ahead }: FairPick): Lane | undefined {
  return ahead && LANES[ahead.lane]?.lane;
}
