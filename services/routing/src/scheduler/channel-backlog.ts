import { LANES, paceUnitsPerSecond } from '@tocsin/contracts';
import type { CampaignBacklog, ChannelBacklog, LaneBacklog, TenantBacklog } from '@tocsin/contracts/routing/v1/backlogs';
import type { CampaignQueue } from './campaign-queue.js';
import type { ChannelState } from './channel-state.js';

/** Campaigns named one by one, 80 bytes each; the rest of a lane is told as a sum. */
const MAX_NAMED = 5_000;
const MS_A_SECOND = 1_000;
/** A campaign that came or went is told after this part of the time between two records: the next release is foreseen with it, and a channel of thousands, where one always does, is no less at rest. */
const CHANGE_PART = 0.25;

/** What the channel has to do now, for whoever foresees completions. `floors`: by lane. Pure: `now` is Unix ms. */
export function channelBacklog(channel: string, state: ChannelState, now: number, floors: readonly number[] = []): ChannelBacklog {
  const drain = state.meters.drain(now);
  const arrivals = state.meters.arrivalsLately(now);
  const lanes = LANES.map(({ lane }, place): LaneBacklog => {
    const seen = arrivals.find((row) => row.lane === place);
    const { perSecond = 0, units = 0 } = seen ?? {};
    return {
      lane,
      tenants: [],
      unnamedUnits: 0,
      unnamedCampaigns: 0,
      arrivalsPerSecond: perSecond,
      arrivalUnits: units,
      floor: floors[place] ?? 0,
    };
  });
  const tenants = new Map<string, TenantBacklog>();
  let named = 0;
  for (const queue of state.queues.values()) {
    const lane = lanes[queue.lane ?? -1];
    const row = lane && rowOf(queue, state, now);
    if (!row) continue;
    if (++named > MAX_NAMED) {
      lane.unnamedUnits += row.units;
      lane.unnamedCampaigns++;
      continue;
    }
    const key = `${queue.lane}/${queue.tenantId}`;
    let tenant = tenants.get(key);
    if (!tenant) {
      tenant = { tenantId: queue.tenantId, weight: Math.max(1, queue.frame?.weight ?? 1), campaigns: [] };
      tenants.set(key, tenant);
      lane.tenants.push(tenant);
    }
    tenant.campaigns.push(row);
  }
  return {
    channel,
    at: now,
    rate: state.shares.live(now).rate,
    drain: drain.mean,
    drainDeviation: drain.deviation,
    drainSeenAt: drain.seenAt,
    againPart: drain.againPart,
    lanes,
    quotas: state.limits.quotasLeft(now),
  };
}

function rowOf(queue: CampaignQueue, state: ChannelState, now: number): CampaignBacklog | undefined {
  if (queue.closing) return undefined;
  const { campaignId } = queue;
  const paused = queue.paused || state.heldUntil(queue, now) > now;
  const units = queue.unitsLeft(state.outstanding.countOf(campaignId));
  return units > 0 ? { campaignId, units, paused, pace: paceOf(queue) } : undefined;
}

/** A spread is what the whole takes over its time, whatever is left. */
function paceOf({ frame, work }: CampaignQueue): number {
  const units = Math.max(work.unitsPlanned, frame?.expectedUnits ?? 0);
  return paceUnitsPerSecond(frame?.pace, units, frame?.estimatedRecipients ?? 0);
}

/** ms until the next record of so many campaigns: what runs moves by the second, and a record of thousands costs milliseconds. */
export function tellEveryMs(backlog: ChannelBacklog): number {
  const campaigns = backlog.lanes.reduce(
    (sum, { tenants }) => sum + tenants.reduce((many, tenant) => many + tenant.campaigns.length, 0),
    0,
  );
  return Math.max(MS_A_SECOND, campaigns);
}

/** ms after a record until a campaign or provider that came or went is told. */
export function tellChangeMs(everyMs: number): number {
  return Math.max(MS_A_SECOND, everyMs) * CHANGE_PART;
}
