import { LANES, SLICE_SIZE } from '@tocsin/contracts';
import { packIndices, unpackIndices } from './bitmap.js';
import type { CloseReason } from './campaign-queue.js';
import type { PackedWork } from './campaign-work.js';
import { ChannelLimits, type LimitsSnapshot } from './channel-limits.js';
import { ChannelState } from './channel-state.js';
import { FinishedCampaigns } from './finished-campaigns.js';
import { restoreLanes, type LanePolicy } from './lane-policy.js';
import { RecentDues } from './recent-dues.js';

/** Where each topic had been read or written when the state was taken. */
export interface CheckpointOffsets {
  /** Next offset of the channel's own partition. */
  readonly plans: number;
  readonly due: number;
  /** By partition. */
  readonly attempts: readonly (readonly [number, number])[];
  /** By granted topic (lane order), then share: everything before is in the state. */
  readonly granted: readonly (readonly number[])[];
}

interface PackedQueue {
  readonly c: string;
  readonly t: string;
  readonly known: number;
  readonly slices?: number;
  readonly cursor: readonly [number, number];
  readonly paused: boolean;
  readonly version: number;
  readonly close?: readonly [CloseReason, boolean];
  /** [slice, n, dueAt, indices] */
  readonly again: readonly (readonly [number, number, number, string])[];
  readonly lane?: number;
  readonly work?: PackedWork;
  /** [items announced, slices counted, items granted] */
  readonly count?: readonly [number, number, number];
  readonly told?: readonly string[];
  /** [slice, index, n, lane, tag, cost, share, at] */
  readonly out: readonly (readonly [number, number, number, number, number, number, number, number])[];
}

/** Virtual times and flows without their ids twice; a flow's backlog comes back with its contents. */
interface PackedBody {
  readonly arrivals: number;
  /** [virtual time, [tenant, weight, finish][], claim of its floor] */
  readonly lanes: readonly (readonly [number, readonly (readonly [string, number, number])[], number?])[];
  readonly queues: readonly PackedQueue[];
  readonly finished: readonly (readonly [string, number, boolean])[];
  readonly recent: readonly (readonly [string, readonly number[]])[];
  readonly limits?: LimitsSnapshot;
}

/** The state as text: grows with open campaigns and what is in flight of them, not with their recipients. */
export function packState(state: ChannelState): string {
  const fair = state.lanes.snapshot();
  const body: PackedBody = {
    arrivals: fair.arrivals,
    lanes: fair.lanes.map(
      (lane) => [lane.virtualTime, lane.flows.map((flow) => [flow.tenant, flow.weight, flow.finish] as const), lane.claim ?? 0] as const,
    ),
    queues: [...state.queues.values()].map((queue) => ({
      c: queue.campaignId,
      t: queue.tenantId,
      known: queue.known,
      ...(queue.slices === undefined ? {} : { slices: queue.slices }),
      cursor: [queue.cursor.slice, queue.cursor.index] as const,
      paused: queue.paused,
      version: queue.controlVersion,
      ...(queue.closing ? { close: [queue.closing.reason, queue.closing.published] as const } : {}),
      again: queue.again.all().map((group) => [group.slice, group.n, group.dueAt, packIndices(group.indices)] as const),
      ...(queue.lane === undefined ? {} : { lane: queue.lane }),
      work: queue.work.pack(),
      count: [queue.items, queue.counted, queue.gone] as const,
      ...(queue.told.size === 0 ? {} : { told: [...queue.told] }),
      out: state.outstanding
        .of(queue.campaignId)
        .map((grant) => [grant.slice, grant.index, grant.n, grant.lane, grant.tag, grant.cost, grant.share, grant.at] as const),
    })),
    finished: state.finished.entries().map(([id, finished]) => [id, finished.slices, finished.closed] as const),
    recent: state.recentDues.pack(),
    limits: state.limits.snapshot(),
  };
  return JSON.stringify(body);
}

/** `floors`: of the channel, by lane; see FairLanes. */
export function unpackState(text: string, policy: LanePolicy = 'fair', floors?: readonly number[]): ChannelState {
  const body = JSON.parse(text) as PackedBody;
  const snapshot = {
    arrivals: body.arrivals,
    lanes: LANES.map((_, lane) => {
      const [virtualTime, flows, claim = 0] = body.lanes[lane] ?? [0, []];
      return {
        virtualTime,
        claim,
        flows: flows.map(([tenant, weight, finish]) => ({ tenant, weight, finish, arrival: 0, campaigns: [] })),
      };
    }),
  };
  const lanes = restoreLanes(policy, snapshot, floors);
  const finished = new FinishedCampaigns();
  for (const [id, slices, closed] of body.finished) finished.add(id, { slices, closed });
  const state = new ChannelState(lanes, finished, RecentDues.unpack(body.recent), body.limits && ChannelLimits.restore(body.limits));
  for (const packed of body.queues) {
    const queue = state.open(packed.c, packed.t);
    queue.known = packed.known;
    queue.lane = packed.lane;
    queue.slices = packed.slices;
    queue.cursor = { slice: packed.cursor[0], index: packed.cursor[1] };
    queue.paused = packed.paused;
    queue.controlVersion = packed.version;
    queue.work.restore(packed.work, { left: queue.backlog * SLICE_SIZE, planned: queue.known * SLICE_SIZE });
    [queue.items, queue.counted, queue.gone] = packed.count ?? [0, queue.known, 0];
    for (const reason of packed.told ?? []) queue.told.add(reason);
    if (packed.close) queue.closing = { reason: packed.close[0], published: packed.close[1], revision: 0 };
    for (const [slice, n, dueAt, indices] of packed.again) queue.again.add(slice, n, dueAt, unpackIndices(indices));
    for (const [slice, index, n, lane, tag, cost, share, at] of packed.out) {
      state.outstanding.add({ campaignId: packed.c, slice, index, n, lane, tag, cost, share, at });
    }
    state.settled(queue, -Infinity);
  }
  return state;
}
