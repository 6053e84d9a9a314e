import { LANES, attemptsTopic, unpackEnvelope, type UnpackedRecord } from '@tocsin/contracts';
import type { BatchProducer, IncomingRecord, KafkaConnection, RecordBatch, TailReader } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import type { PlanStore } from '../planner/plan-store.js';
import { nextMoment, wantsOf } from './channel-wants.js';
import { packState } from './checkpoint-body.js';
import type { ChannelState } from './channel-state.js';
import type { CheckpointStore } from './checkpoint-store.js';
import { closeRecords, grantRecord } from './grant-records.js';
import { MAX_ITEMS_A_TURN, grantTurn, type GrantBatch } from './grant-turn.js';
import { SliceLoader } from './slice-loader.js';
import { showState, type SchedulerMetrics } from './scheduler-metrics.js';
import type { Taken } from './takeover.js';

export interface SchedulerDeps {
  readonly kafka: KafkaConnection;
  readonly producer: BatchProducer;
  readonly checkpoints: CheckpointStore;
  readonly plans: PlanStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SchedulerMetrics;
  /** Whether this instance may still act for the group. */
  leaseValid(): boolean;
  /** Offsets up to which nothing needs to be read again. */
  checkpointed(channel: string, offsets: { readonly plans: number; readonly due: number }): void;
  /** The state can no longer be trusted (guard lost, send failed): take over anew, if still the owner. */
  lost(channel: string, reason: string, error?: unknown): void;
}

/** A checkpoint is written this often while something changes, ms: what a takeover replays. */
const CHECKPOINT_EVERY_MS = 2_000;
/** Pace of grants: at full speed some five items travel together, at low rates nobody waits longer than the upper bound, ms. */
const MIN_PACE_MS = 10;
const MAX_PACE_MS = 50;
const ITEMS_TOGETHER = 5;
/** Lanes whose grants wait for nothing. */
const URGENT_LANES = 2;
/** How long to wait for a valid lease before looking again, ms. */
const LEASE_RETRY_MS = 200;
/** Attempts since the checkpoint are read before the first grant, ms. */
const CATCH_UP_DEADLINE_MS = 60_000;
/** setTimeout takes 31 bits, ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A channel's one scheduler while this instance owns it: folds facts as they come, grants in paced turns, sleeps when nothing can be granted. */
export class ChannelScheduler {
  private readonly state: ChannelState;
  private readonly loader: SliceLoader;
  private readonly attempts: TailReader;
  private readonly attemptOffsets: Map<number, number>;
  private readonly granted: number[][];
  private plansOffset: number;
  private dueOffset: number;
  private version: number;
  private timer: NodeJS.Timeout | undefined;
  private timerAt = Infinity;
  private turning: Promise<void> | undefined;
  private wokenAgain = false;
  private lastGrantAt = -Infinity;
  private dirtySince: number | undefined;
  private saving: Promise<boolean> | undefined;
  private started = false;
  private stopped = false;

  constructor(
    readonly channel: string,
    private readonly taken: Taken,
    private readonly deps: SchedulerDeps,
  ) {
    this.state = taken.state;
    this.version = taken.version;
    this.plansOffset = taken.offsets.plans;
    this.dueOffset = taken.offsets.due;
    this.granted = taken.offsets.granted.map((lane) => [...lane]);
    this.attemptOffsets = new Map(taken.offsets.attempts);
    this.loader = new SliceLoader(channel, this.state, deps, () => this.wake());
    this.attempts = deps.kafka.tail({
      name: `routing-attempts-${channel}`,
      topics: [{ topic: attemptsTopic(channel), from: { offsets: this.attemptOffsets } }],
      onBatch: (batch) => this.readAttempts(batch),
    });
  }

  /** Reads what was answered since the checkpoint, writes the first checkpoint of this epoch, then grants. false: another owner was faster. */
  async start(): Promise<boolean> {
    await this.attempts.start();
    await this.attempts.caughtUp(CATCH_UP_DEADLINE_MS);
    if (!(await this.save())) return false;
    this.started = true;
    this.deps.metrics.epoch.set(this.taken.epoch, { channel: this.channel });
    this.wake();
    return true;
  }

  /** Folds a record of plans, due or capacity. */
  apply(incoming: IncomingRecord, unpacked: UnpackedRecord): void {
    const now = this.deps.clock.now();
    const { state } = this;
    switch (unpacked.type) {
      case 'tocsin.routing.v1.PlanSlice':
        if (incoming.offset >= this.taken.offsets.plans) state.planSlice(unpacked.value, now);
        break;
      case 'tocsin.routing.v1.PlanEnd':
        if (incoming.offset >= this.taken.offsets.plans) state.planEnd(unpacked.value);
        break;
      case 'tocsin.routing.v1.PlanControl':
        if (incoming.offset >= this.taken.offsets.plans) state.control(unpacked.value, incoming.envelope?.epoch ?? 0, now);
        break;
      case 'tocsin.deliveries.v1.DueRecord':
        if (incoming.offset >= this.taken.offsets.due) state.due(unpacked.value, now);
        break;
      case 'tocsin.channels.v1.Capacity':
        // Not part of what a checkpoint keeps: it changes nothing that would have to be written.
        state.shares.report(unpacked.value, Math.min(incoming.timestamp, now));
        this.wake();
        return;
      default:
        this.deps.metrics.badRecords.add();
        return;
    }
    this.changed();
    this.wake();
  }

  /** Everything before these offsets has been folded. */
  advance(offsets: { readonly plans?: number; readonly due?: number }): void {
    this.plansOffset = Math.max(this.plansOffset, offsets.plans ?? 0);
    this.dueOffset = Math.max(this.dueOffset, offsets.due ?? 0);
    this.changed();
  }

  /** Lets the running turn end and writes where things stand. */
  async stop(): Promise<void> {
    if (this.stopped) return this.abandon();
    this.stopped = true;
    clearTimeout(this.timer);
    const reading = this.attempts.stop();
    await this.turning;
    await this.saving;
    await reading;
    if (this.dirtySince !== undefined) await this.save();
  }

  /** Gives up without writing: somebody else may own the channel. */
  async abandon(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.attempts.stop();
    await this.turning;
  }

  private readAttempts(batch: RecordBatch): Promise<void> {
    const now = this.deps.clock.now();
    for (const { envelope } of batch.records) {
      const unpacked = envelope ? unpackEnvelope(envelope) : undefined;
      if (unpacked?.type !== 'tocsin.deliveries.v1.AttemptRecord') continue;
      for (const attempt of unpacked.value.attempts) {
        const grant = this.state.outstanding.get(unpacked.value.campaignId, unpacked.value.slice, attempt.index, attempt.n);
        if (grant) this.deps.metrics.dwell.observe(Math.max(0, now - grant.at) / 1_000, { lane: LANES[grant.lane]?.name ?? '' });
      }
      this.state.attempts(unpacked.value, now);
    }
    const last = batch.records.at(-1);
    if (last) this.attemptOffsets.set(batch.partition, last.offset + 1);
    this.changed();
    this.wake();
    return Promise.resolve();
  }

  private changed(): void {
    this.dirtySince ??= this.deps.clock.monotonic();
  }

  /** Something may be granted: takes a turn as soon as the pace allows. Costs nothing while a turn is planned earlier. */
  private wake(): void {
    if (!this.started) return;
    if (this.turning) {
      this.wokenAgain = true;
      return;
    }
    const now = this.deps.clock.monotonic();
    const urgent = this.state.lanes.pick((lane) => lane < URGENT_LANES) !== undefined;
    this.turnIn(urgent ? 0 : Math.max(0, this.lastGrantAt + this.pace() - now));
  }

  private pace(): number {
    const { rate } = this.state.shares.live(this.deps.clock.now());
    return Math.min(MAX_PACE_MS, Math.max(MIN_PACE_MS, (ITEMS_TOGETHER * 1_000) / Math.max(rate, 1)));
  }

  private turnIn(ms: number): void {
    if (this.stopped) return;
    const at = this.deps.clock.monotonic() + ms;
    if (this.timer && this.timerAt <= at) return;
    clearTimeout(this.timer);
    this.timerAt = at;
    this.timer = setTimeout(() => this.beginTurn(), Math.min(ms, MAX_TIMER_MS));
  }

  private beginTurn(): void {
    this.timer = undefined;
    this.timerAt = Infinity;
    if (this.turning || this.stopped) return;
    this.wokenAgain = false;
    this.turning = this.turn()
      .catch((error: unknown) => this.giveUp('TURN_FAILED', error))
      .finally(() => {
        this.turning = undefined;
        if (this.wokenAgain) this.wake();
      });
  }

  private async turn(): Promise<void> {
    const { deps, state } = this;
    if (!deps.leaseValid()) {
      this.turnIn(LEASE_RETRY_MS);
      return;
    }
    // Between turns no grant is on its way, so state and offsets say the same.
    if (this.dirtySince !== undefined && !this.saving && deps.clock.monotonic() - this.dirtySince >= CHECKPOINT_EVERY_MS)
      void this.saveAside();
    const batches = grantTurn(state, deps.clock.now());
    if (batches.length > 0) await this.send(batches);
    if (state.closings().length > 0) await this.publishClosings();
    this.loader.load(wantsOf(state, deps.clock.now()));
    showState(deps.metrics, this.channel, state, deps.clock.now());
    this.planNext();
  }

  private planNext(): void {
    const moment = nextMoment(this.state, this.deps.clock.now());
    if (moment !== undefined) this.turnIn(Math.max(0, moment - this.deps.clock.now()));
    if (this.dirtySince !== undefined) this.turnIn(Math.max(1, this.dirtySince + CHECKPOINT_EVERY_MS - this.deps.clock.monotonic()));
  }

  private async send(batches: readonly GrantBatch[]): Promise<void> {
    const { deps, channel, taken } = this;
    const now = deps.clock.now();
    const offsets = await deps.producer.sendForOffsets(batches.map((batch) => grantRecord(channel, batch, taken.epoch, now)));
    let items = 0;
    batches.forEach((batch, place) => {
      const offset = offsets[place]?.offset ?? -1;
      const lane = this.granted[batch.lane];
      if (!lane || offset < 0) throw new Error('a grant was written without an offset');
      lane[batch.share] = Math.max(lane[batch.share] ?? 0, offset + 1);
      items += batch.items.length;
      const name = LANES[batch.lane]?.name ?? '';
      deps.metrics.grants.add({ lane: name });
      deps.metrics.picks.add({ lane: name }, batch.items.length);
    });
    this.lastGrantAt = deps.clock.monotonic();
    this.changed();
    // A turn is bounded; when it reached its bound, the rest follows at once.
    if (items >= MAX_ITEMS_A_TURN) this.wokenAgain = true;
  }

  /** Written down before it is told: an owner that lost the channel must not close anything of it. */
  private async publishClosings(): Promise<void> {
    if (!(await this.save())) return;
    const { deps, state, channel, taken } = this;
    const closings = state.closings().map((queue) => ({
      queue,
      revision: queue.closing?.revision ?? 0,
      records: closeRecords(channel, queue, state.outstanding.of(queue.campaignId), taken.epoch, deps.clock.now()),
    }));
    await deps.producer.send(closings.flatMap(({ records }) => records));
    for (const { queue, revision } of closings) {
      state.closePublished(queue.campaignId, revision);
      deps.logger.info('scheduler.campaign-closed', { channel, campaign: queue.campaignId, reason: queue.closing?.reason });
    }
    this.changed();
  }

  private async saveAside(): Promise<void> {
    await this.save().catch((error: unknown) => this.giveUp('CHECKPOINT_FAILED', error));
  }

  /** Writes the state of this moment; call only when no grant is on its way. false: the channel has another owner. */
  private async save(): Promise<boolean> {
    // Never yields unless it must: between here and packState no grant may be picked.
    if (this.saving) await this.saving;
    const { deps, channel, taken } = this;
    const offsets = {
      plans: this.plansOffset,
      due: this.dueOffset,
      attempts: [...this.attemptOffsets],
      granted: this.granted.map((lane) => [...lane]),
    };
    const body = packState(this.state);
    this.dirtySince = undefined;
    this.saving = deps.checkpoints.save({ _id: channel, v: this.version, epoch: taken.epoch, offsets, body, at: deps.clock.now() });
    try {
      if (await this.saving) {
        this.version++;
        deps.checkpointed(channel, { plans: offsets.plans, due: offsets.due });
        return true;
      }
    } finally {
      this.saving = undefined;
    }
    this.giveUp('CHECKPOINT_TAKEN');
    return false;
  }

  private giveUp(reason: string, error?: unknown): void {
    if (this.stopped) return;
    this.stopped = true;
    clearTimeout(this.timer);
    this.deps.metrics.lost.add();
    this.deps.lost(this.channel, reason, error);
  }
}
