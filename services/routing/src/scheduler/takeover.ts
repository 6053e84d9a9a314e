import { grantedTopics, grantsOf, unpackEnvelope } from '@tocsin/contracts';
import type { KafkaConnection, RecordBatch } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import { unpackState, type CheckpointOffsets } from './checkpoint-body.js';
import { ChannelState } from './channel-state.js';
import type { Checkpoint, CheckpointStore } from './checkpoint-store.js';
import { fenceRecords } from './grant-records.js';
import { floorsOf, type FloorsByChannel } from './lane-floors.js';
import { newLanes, type LanePolicy } from './lane-policy.js';
import { replayGrant } from './replay-grant.js';

export interface TakeoverDeps {
  readonly kafka: KafkaConnection;
  readonly checkpoints: CheckpointStore;
  readonly policy: LanePolicy;
  readonly floors: FloorsByChannel;
  readonly instanceId: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a new owner starts from. */
export interface Taken {
  readonly state: ChannelState;
  readonly epoch: number;
  /** Version of the checkpoint it was read at: who writes over it owns the channel. */
  readonly version: number;
  readonly offsets: CheckpointOffsets;
}

/** Grants of two seconds are replayed, after long trouble minutes of them, ms. */
const REPLAY_DEADLINE_MS = 60_000;
/** Partitions replayed at once. */
const REPLAYS = 4;

/**
 * Takes a channel's scheduler over: claims an epoch, fences every granted partition, and folds what was granted since the checkpoint, each
 * partition up to its own fence. Whatever an older owner still writes lies behind the fence, where channels drop it.
 */
export async function takeOver(channel: string, shares: number, deps: TakeoverDeps): Promise<Taken> {
  const started = deps.clock.monotonic();
  const checkpoint = await deps.checkpoints.get(channel);
  const epoch = await deps.checkpoints.claimEpoch(channel, checkpoint?.epoch ?? 0, deps.instanceId, deps.clock.now());
  const fences = await deps.kafka.producer().sendForOffsets(fenceRecords(channel, shares, epoch, deps.clock.now()));
  const topics = grantedTopics(channel);
  const fencedAt = topics.map((_, lane) => Array.from({ length: shares }, (__, share) => fences[lane * shares + share]?.offset ?? -1));
  if (fencedAt.some((lane) => lane.some((offset) => offset < 0))) throw new Error(`a fence of ${channel} has no offset`);
  const from = await startOffsets(topics, shares, checkpoint, deps.kafka);
  const { policy } = deps;
  const floors = floorsOf(deps.floors, channel);
  const state = checkpoint ? unpackState(checkpoint.body, policy, floors) : new ChannelState(newLanes(policy, floors));
  const replayed = await replayGrants(state, topics, from, fencedAt, checkpoint?.epoch ?? 0, deps.kafka);
  deps.logger.info('scheduler.taken-over', {
    channel,
    epoch,
    replayed,
    outstanding: state.outstanding.size,
    campaigns: state.queues.size,
    ms: Math.round(deps.clock.monotonic() - started),
  });
  return {
    state,
    epoch,
    version: checkpoint?.v ?? 0,
    offsets: {
      plans: checkpoint?.offsets.plans ?? 0,
      due: checkpoint?.offsets.due ?? 0,
      attempts: checkpoint?.offsets.attempts ?? [],
      granted: fencedAt.map((lane) => lane.map((offset) => offset + 1)),
    },
  };
}

async function startOffsets(
  topics: readonly string[],
  shares: number,
  checkpoint: Checkpoint | null,
  kafka: KafkaConnection,
): Promise<number[][]> {
  return Promise.all(
    topics.map(async (topic, lane) => {
      const known = checkpoint?.offsets.granted[lane] ?? [];
      const lows = known.length >= shares ? [] : await kafka.offsets(topic);
      return Array.from({ length: shares }, (_, share) => known[share] ?? lows.find((low) => low.partition === share)?.low ?? 0);
    }),
  );
}

async function replayGrants(
  state: ChannelState,
  topics: readonly string[],
  from: readonly (readonly number[])[],
  until: readonly (readonly number[])[],
  checkpointEpoch: number,
  kafka: KafkaConnection,
): Promise<number> {
  let replayed = 0;
  const work = topics.flatMap((topic, lane) =>
    (until[lane] ?? []).map((end, partition) => ({ topic, lane, partition, start: from[lane]?.[partition] ?? 0, end })),
  );
  const next = async (): Promise<void> => {
    for (let one = work.pop(); one; one = work.pop()) {
      const { topic, lane, partition, start, end } = one;
      if (start >= end) continue;
      // The checkpoint's owner had fenced before it wrote: an older owner's records are void from the start.
      let fence = checkpointEpoch;
      const fold = (batch: RecordBatch): Promise<void> => {
        for (const { envelope } of batch.records) {
          if (!envelope) continue;
          const unpacked = unpackEnvelope(envelope);
          if (unpacked.type === 'tocsin.routing.v1.Fence') fence = Math.max(fence, unpacked.value.epoch);
          if (envelope.epoch < fence) continue;
          for (const grant of grantsOf(unpacked)) {
            replayGrant(state, grant, lane, partition);
            replayed += grant.items.length;
          }
        }
        return Promise.resolve();
      };
      await kafka.replay({ topic, partition }, start, end, fold, REPLAY_DEADLINE_MS);
    }
  };
  await Promise.all(Array.from({ length: REPLAYS }, next));
  return replayed;
}
