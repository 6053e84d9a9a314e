import {
  CHANNEL_PARTITIONS,
  TOPICS,
  channelTopicSpecs,
  topicsOf,
  DEFAULT_SHARES,
  unpackEnvelope,
  type UnpackedRecord,
} from '@tocsin/contracts';
import { partitionOf, type GroupConsumer, type IncomingRecord, type RecordBatch } from '@tocsin/kafka';
import type { ManifestBook } from '../manifests/manifest-book.js';
import { ChannelScheduler, type SchedulerDeps } from './channel-scheduler.js';
import { takeOver, type TakeoverDeps } from './takeover.js';

export interface GroupDeps
  extends Omit<SchedulerDeps, 'leaseValid' | 'checkpointed' | 'lost'>, Omit<TakeoverDeps, 'clock' | 'logger' | 'kafka' | 'checkpoints'> {
  readonly manifests: ManifestBook;
  /** Ends the process: only a restart mends it. */
  fail(reason: string, error?: unknown): void;
}

/** A record may name a channel whose announcement is still on its way, ms. */
const MANIFEST_WAIT_MS = 10_000;
/** Takeovers of one channel tried in a row before the process is restarted. */
const MAX_TAKEOVERS = 8;
/** Between two tries, ms. */
const TAKEOVER_BACKOFF_MS = 500;

const PLANS = TOPICS.plans.name;
const DUE = TOPICS.due.name;
const CAPACITY = TOPICS.capacity.name;

/** Which channels' schedulers this instance runs: those whose key falls in a partition it owns, taken over anew after every join. */
export class SchedulerGroup {
  private readonly group: GroupConsumer;
  private readonly schedulers = new Map<string, Promise<ChannelScheduler | undefined>>();
  private readonly checkpointed = new Map<string, { readonly plans: number; readonly due: number }>();
  private readonly capacityRead = new Map<number, number>();
  private owned = new Set<number>();
  /** Grows with every join: what an older one started is void. */
  private generation = 0;
  private readonly running = new Map<string, ChannelScheduler>();

  constructor(private readonly deps: GroupDeps) {
    this.group = deps.kafka.group({
      group: 'routing',
      topics: [PLANS, DUE, CAPACITY],
      assigner: 'copartition',
      from: 'beginning',
      commit: 'manual',
      onBatch: (batch) => this.read(batch),
      onAssigned: (assigned) => {
        this.generation++;
        this.owned = new Set(assigned.filter(({ topic }) => topic === PLANS).map(({ partition }) => partition));
        for (const manifest of deps.manifests.all()) this.openIfOwned(manifest.channel);
        return Promise.resolve();
      },
      beforeRejoin: () => this.release(),
    });
    deps.manifests.onAnnounced((manifest) => this.openIfOwned(manifest.channel));
  }

  start(): Promise<void> {
    return this.group.start();
  }

  /** Writes checkpoints, commits, leaves. */
  stop(): Promise<void> {
    return this.group.stop();
  }

  /** True while a scheduler could grant something. */
  mustMove(): boolean {
    return [...this.running.values()].some((scheduler) => scheduler.mustMove);
  }

  progress(): number {
    return [...this.running.values()].reduce((sum, scheduler) => sum + scheduler.progress, this.generation);
  }

  private async release(): Promise<void> {
    this.generation++;
    const owned = this.owned;
    this.owned = new Set();
    await Promise.allSettled([...this.running.values()].map((scheduler) => scheduler.stop()));
    await Promise.allSettled([...owned].map((partition) => this.commit(partition)));
    this.schedulers.clear();
    this.running.clear();
    this.checkpointed.clear();
    this.capacityRead.clear();
  }

  private openIfOwned(channel: string): void {
    if (this.owned.has(channelPartition(channel))) void this.open(channel);
  }

  private open(channel: string): Promise<ChannelScheduler | undefined> {
    let opening = this.schedulers.get(channel);
    if (!opening) {
      opening = this.takeOver(channel, this.generation);
      this.schedulers.set(channel, opening);
    }
    return opening;
  }

  private async takeOver(channel: string, generation: number): Promise<ChannelScheduler | undefined> {
    const { deps } = this;
    let failure: unknown;
    for (let attempt = 0; attempt < MAX_TAKEOVERS && generation === this.generation; attempt++) {
      let scheduler: ChannelScheduler | undefined;
      try {
        const shares = deps.manifests.get(channel)?.shares || DEFAULT_SHARES;
        await deps.kafka.ensureTopics(topicsOf('routing', channelTopicSpecs(channel, shares)));
        const taken = await takeOver(channel, shares, deps);
        scheduler = new ChannelScheduler(channel, taken, { ...deps, ...this.hooks(generation) });
        if (generation === this.generation && (await scheduler.start())) {
          if (generation === this.generation) {
            deps.metrics.takeovers.add();
            this.running.set(channel, scheduler);
            return scheduler;
          }
          await scheduler.stop();
          return undefined;
        }
        await scheduler.abandon();
      } catch (error) {
        failure = error;
        deps.logger.warn('scheduler.takeover-failed', { channel, attempt, error });
        await scheduler?.abandon().catch(() => undefined);
      }
      await new Promise((resolve) => setTimeout(resolve, TAKEOVER_BACKOFF_MS));
    }
    if (generation === this.generation) deps.fail('SCHEDULER_NOT_TAKEN', failure);
    return undefined;
  }

  private hooks(generation: number): Pick<SchedulerDeps, 'leaseValid' | 'checkpointed' | 'lost'> {
    return {
      leaseValid: () => generation === this.generation && this.group.leaseValid(),
      checkpointed: (channel, offsets) => {
        this.checkpointed.set(channel, offsets);
        void this.commit(channelPartition(channel));
      },
      lost: (channel, reason, error) => {
        this.deps.logger.warn('scheduler.lost', { channel, reason, error });
        // Joining anew reads again from the last checkpoint what the lost state had taken since. A takeover under way mends itself.
        if (generation === this.generation && this.running.has(channel)) void this.group.setTopics([PLANS, DUE, CAPACITY]);
      },
    };
  }

  /** Commits what every scheduler of the partition has checkpointed: whatever lies behind is read again after a crash. */
  private async commit(partition: number): Promise<void> {
    const channels = [...this.schedulers.keys()].filter((channel) => channelPartition(channel) === partition);
    const offsets = channels.map((channel) => this.checkpointed.get(channel));
    let plans = Infinity;
    let due = Infinity;
    for (const known of offsets) {
      if (!known) return;
      plans = Math.min(plans, known.plans);
      due = Math.min(due, known.due);
    }
    const capacity = this.capacityRead.get(partition);
    const places = [
      { topic: PLANS, partition, offset: plans },
      { topic: DUE, partition, offset: due },
      ...(capacity === undefined ? [] : [{ topic: CAPACITY, partition, offset: capacity }]),
    ].filter(({ offset }) => Number.isFinite(offset) && offset > 0);
    if (places.length === 0) return;
    await this.group.commit(places).catch((error: unknown) => this.deps.logger.warn('scheduler.commit-failed', { partition, error }));
  }

  private async read(batch: RecordBatch): Promise<void> {
    const { generation } = this;
    for (const incoming of batch.records) {
      await this.take(incoming, generation);
      // Drained meanwhile: the rest is read again after the next join, by whoever owns the partition then.
      if (generation !== this.generation) return;
    }
    const next = batch.records.at(-1)?.offset;
    if (next === undefined) return;
    if (batch.topic === CAPACITY) {
      this.capacityRead.set(batch.partition, next + 1);
      return;
    }
    for (const [channel, scheduler] of this.running) {
      if (channelPartition(channel) === batch.partition) scheduler.advance(batch.topic === PLANS ? { plans: next + 1 } : { due: next + 1 });
    }
  }

  private async take(incoming: IncomingRecord, generation: number): Promise<void> {
    if (!incoming.envelope) return;
    // A record that cannot be decoded throws here and goes to the dead letters.
    const unpacked = unpackEnvelope(incoming.envelope);
    const channel = channelNamed(unpacked);
    const known = channel !== undefined && (await this.deps.manifests.waitFor(channel, MANIFEST_WAIT_MS));
    if (!known) {
      this.deps.metrics.badRecords.add();
      this.deps.logger.warn('scheduler.record-skipped', { topic: incoming.topic, offset: incoming.offset, type: unpacked.type, channel });
      return;
    }
    if (generation !== this.generation) return;
    const scheduler = await this.open(channel);
    if (generation === this.generation) scheduler?.apply(incoming, unpacked);
  }
}

/** The partition of plans, due and capacity that a channel's key falls in. */
export function channelPartition(channel: string): number {
  return partitionOf(Buffer.from(channel), CHANNEL_PARTITIONS);
}

function channelNamed(unpacked: UnpackedRecord): string | undefined {
  switch (unpacked.type) {
    case 'tocsin.routing.v1.PlanSlice':
      return unpacked.value.frame?.channel;
    case 'tocsin.routing.v1.PlanEnd':
    case 'tocsin.routing.v1.PlanControl':
    case 'tocsin.deliveries.v1.DueRecord':
    case 'tocsin.channels.v1.Capacity':
      return unpacked.value.channel;
    default:
      return undefined;
  }
}
