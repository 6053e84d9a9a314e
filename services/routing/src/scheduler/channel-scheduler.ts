import { LANES, TOPICS, answersOf, attemptsTopic, unpackEnvelope, type UnpackedRecord } from '@tocsin/contracts';
import type { BatchProducer, IncomingRecord, KafkaConnection, RecordBatch, TailReader } from '@tocsin/kafka';
import { MAX_LINKS, type Logger, type Tracing } from '@tocsin/observability';
import type { PlanStore } from '../planner/plan-store.js';
import { BacklogTeller } from './backlog-teller.js';
import { wantsOf } from './channel-wants.js';
import { URGENT_LANES, type ChannelState } from './channel-state.js';
import { CheckpointWriter, type WriterDeps } from './checkpoint-writer.js';
import { closeRecords, noticeRecord } from './grant-records.js';
import { termsOn } from '../planner/frame.js';
import { MAX_ITEMS_A_TURN, grantTurn, wouldGrant, type GrantBatch } from './grant-turn.js';
import type { FloorsByChannel } from './lane-floors.js';
import { SliceLoader } from './slice-loader.js';
import { showState, timeGrants, type SchedulerMetrics } from './scheduler-metrics.js';
import type { Taken } from './takeover.js';
import { turnRecords } from './turn-records.js';
import { TurnTimer } from './turn-timer.js';

export interface SchedulerDeps extends WriterDeps {
  readonly kafka: KafkaConnection;
  readonly producer: BatchProducer;
  readonly plans: PlanStore;
  readonly logger: Logger;
  readonly metrics: SchedulerMetrics;
  readonly tracing: Tracing;
  readonly floors: FloorsByChannel;
  /** Records of one turn up to which each campaign has its own. */
  readonly recordsApart: number;
  /** Whether this instance may still act for the group. */
  leaseValid(): boolean;
  /** The state can no longer be trusted (guard lost, send failed): take over anew, if still the owner. */
  lost(channel: string, reason: string, error?: unknown): void;
}

/** Pace of grants: at full speed some five items travel together, at low rates nobody waits longer than the upper bound, ms. */
const MIN_PACE_MS = 10;
const MAX_PACE_MS = 50;
const ITEMS_TOGETHER = 5;
/**
 * From this rate (cost units a second) on, turns come this many ms apart and attempts are read as often: a request costs client and broker a millisecond,
 * and both waits together, with hops, flush and round trip, are within what the granted window covers (docs/fairness.md).
 */
const FAST_RATE = 2_000;
const FAST_PACE_MS = 40;
/** ms between two reads of attempts below that rate. */
const REST_MS = 5;
/** How long to wait for a valid lease before looking again, ms. */
const LEASE_RETRY_MS = 200;
/** Attempts since the checkpoint are read before the first grant, ms. */
const CATCH_UP_DEADLINE_MS = 60_000;

/** A channel's one scheduler while this instance owns it: folds facts as they come, grants in paced turns, sleeps when nothing can be granted. */
export class ChannelScheduler {
  private readonly state: ChannelState;
  private readonly writer: CheckpointWriter;
  private readonly loader: SliceLoader;
  private readonly attempts: TailReader;
  private readonly timer: TurnTimer;
  private readonly teller: BacklogTeller;
  private turning: Promise<void> | undefined;
  private wokenAgain = false;
  private lastGrantAt = -Infinity;
  private turns = 0;
  private started = false;
  private stopped = false;
  /** State and topics may differ (a send failed, another owner wrote): it must never be written down. */
  private broken = false;

  constructor(
    readonly channel: string,
    private readonly taken: Taken,
    private readonly deps: SchedulerDeps,
  ) {
    this.state = taken.state;
    this.writer = new CheckpointWriter(channel, taken, deps);
    this.loader = new SliceLoader(channel, this.state, deps, () => this.wake());
    this.teller = new BacklogTeller(channel, this.state, taken.epoch, deps);
    this.timer = new TurnTimer(deps.clock, () => this.beginTurn());
    this.attempts = deps.kafka.tail({
      name: `routing-attempts-${channel}`,
      restMs: () => (this.rate() >= FAST_RATE ? FAST_PACE_MS : REST_MS),
      // Who may use how much is known before the first grant; a reader of its own would cost as much as a consumer.
      topics: [
        { topic: attemptsTopic(channel), from: { offsets: this.writer.attemptOffsets() } },
        { topic: TOPICS.tenantEvents.name, from: 'beginning' },
        { topic: TOPICS.operatorControls.name, from: 'beginning' },
      ],
      onBatch: (batch) => this.readKnowledge(batch),
    });
  }

  /** Grows with every turn; with `mustMove` it says whether this scheduler is stuck. */
  get progress(): number {
    return this.turns;
  }

  get mustMove(): boolean {
    return this.started && !this.stopped && this.deps.leaseValid() && wouldGrant(this.state, this.deps.clock.now());
  }

  /** Reads what was answered since the checkpoint, writes the first checkpoint of this epoch, then grants. false: another owner was faster. */
  async start(): Promise<boolean> {
    await this.attempts.start();
    await this.attempts.caughtUp(CATCH_UP_DEADLINE_MS);
    if (!(await this.writer.save(this.state))) return false;
    this.started = true;
    this.deps.metrics.epoch.set(this.taken.epoch, { channel: this.channel });
    this.teller.start();
    this.wake();
    return true;
  }

  /** Folds a record of plans, due or capacity. */
  apply(incoming: IncomingRecord, unpacked: UnpackedRecord): void {
    const now = this.deps.clock.now();
    const { state, taken } = this;
    const before = unpacked.type === 'tocsin.deliveries.v1.DueRecord' ? taken.offsets.due : taken.offsets.plans;
    if (unpacked.type === 'tocsin.channels.v1.Capacity') {
      // Not part of what a checkpoint keeps: it changes nothing that would have to be written.
      state.shares.report(unpacked.value, Math.min(incoming.timestamp, now));
    } else {
      // The checkpoint has it already; campaigns it has forgotten since must not begin anew.
      if (incoming.offset < before) return;
      if (unpacked.type === 'tocsin.routing.v1.PlanSlice') state.planSlice(unpacked.value, now);
      else if (unpacked.type === 'tocsin.routing.v1.PlanEnd') state.planEnd(unpacked.value);
      else if (unpacked.type === 'tocsin.routing.v1.PlanControl') state.control(unpacked.value, incoming.envelope?.epoch ?? 0, now);
      else if (unpacked.type === 'tocsin.deliveries.v1.DueRecord') state.due(unpacked.value, now);
      else this.deps.metrics.badRecords.add();
      this.writer.changed();
    }
    this.wake();
  }

  /** Everything before these offsets has been folded. */
  advance(offsets: { readonly plans?: number; readonly due?: number }): void {
    this.writer.read(offsets);
  }

  /** Lets the running turn end and writes where things stand. */
  async stop(): Promise<void> {
    await this.abandon();
    await this.writer.settled().catch(() => undefined);
    if (!this.broken && this.writer.dirty) await this.save();
  }

  /** Ends without writing: somebody else may own the channel. */
  async abandon(): Promise<void> {
    this.stopped = true;
    this.timer.cancel();
    this.teller.stop();
    await this.attempts.stop();
    await this.turning;
  }

  private readKnowledge(batch: RecordBatch): Promise<void> {
    switch (batch.topic) {
      case TOPICS.tenantEvents.name:
        return this.readTenants(batch);
      case TOPICS.operatorControls.name:
        return this.readControls(batch);
      default:
        return this.readAttempts(batch);
    }
  }

  private readControls(batch: RecordBatch): Promise<void> {
    for (const { envelope } of batch.records) {
      const unpacked = envelope ? unpackEnvelope(envelope) : undefined;
      if (unpacked?.type !== 'tocsin.tenants.v1.OperatorControl') continue;
      this.state.controlled(unpacked.value, envelope?.epoch ?? 0, this.deps.clock.now());
    }
    this.wake();
    return Promise.resolve();
  }

  private readTenants(batch: RecordBatch): Promise<void> {
    for (const { envelope } of batch.records) {
      const unpacked = envelope ? unpackEnvelope(envelope) : undefined;
      if (unpacked?.type !== 'tocsin.tenants.v1.TenantChanged' || !unpacked.value.tenant) continue;
      const { tenantId, version, weight, limits } = unpacked.value.tenant;
      const terms = { ...termsOn(this.channel, limits, version), weight: Math.max(1, weight) };
      this.state.tenantChanged(tenantId, terms, this.deps.clock.now());
    }
    this.writer.changed();
    this.wake();
    return Promise.resolve();
  }

  private readAttempts(batch: RecordBatch): Promise<void> {
    const now = this.deps.clock.now();
    const { state, deps } = this;
    for (const { envelope } of batch.records) {
      if (!envelope) continue;
      for (const record of answersOf(envelope)) {
        const { campaignId, slice, attempts } = record;
        for (const { index, n } of attempts) {
          const grant = state.outstanding.get(campaignId, slice, index, n);
          if (grant) deps.metrics.dwell.observe(Math.max(0, now - grant.at) / 1_000, { lane: LANES[grant.lane]?.name ?? '' });
        }
        state.attempts(record, now);
      }
    }
    const last = batch.records.at(-1);
    if (last) this.writer.readAttempts(batch.partition, last.offset + 1);
    this.wake();
    return Promise.resolve();
  }

  /** Something may be granted: takes a turn as soon as the pace allows. Costs nothing while a turn is planned earlier. */
  private wake(): void {
    if (!this.started || this.stopped) return;
    if (this.turning) {
      this.wokenAgain = true;
      return;
    }
    const urgent = this.state.lanes.pick((lane) => lane < URGENT_LANES) !== undefined;
    this.timer.in(urgent ? 0 : Math.max(0, this.lastGrantAt + this.pace() - this.deps.clock.monotonic()));
  }

  private pace(): number {
    const rate = this.rate();
    if (rate >= FAST_RATE) return FAST_PACE_MS;
    return Math.min(MAX_PACE_MS, Math.max(MIN_PACE_MS, (ITEMS_TOGETHER * 1_000) / Math.max(rate, 1)));
  }

  /** Cost units a second of the live shares. */
  private rate(): number {
    return this.state.shares.live(this.deps.clock.now()).rate;
  }

  private beginTurn(): void {
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
    const { deps, state, writer } = this;
    if (!deps.leaseValid()) {
      this.timer.in(LEASE_RETRY_MS);
      return;
    }
    // Between turns no grant is on its way, so state and offsets say the same.
    if (writer.dueIn() === 0 && !writer.busy) void this.save();
    const batches = grantTurn(state, deps.clock.now());
    if (batches.length > 0) await this.send(batches);
    if (state.index.closing.size > 0) await this.publishClosings();
    this.tellNotices();
    this.loader.load(wantsOf(state, deps.clock.now()));
    this.turns++;
    showState(deps.metrics, this.channel, state, deps.clock.now());
    if (!this.stopped) this.planNext();
  }

  private planNext(): void {
    const now = this.deps.clock.now();
    const moment = Math.min(this.state.index.nextMoment() ?? Infinity, this.state.gates.nextMoment() ?? Infinity);
    if (moment < Infinity) this.timer.in(Math.max(0, moment - now));
    const checkpoint = this.writer.dueIn();
    if (checkpoint !== undefined) this.timer.in(Math.max(1, checkpoint));
  }

  private async send(batches: readonly GrantBatch[]): Promise<void> {
    const { deps, channel, taken } = this;
    const now = deps.clock.now();
    const records = turnRecords(channel, batches, taken.epoch, now, deps.recordsApart);
    const offsets = await this.traced(batches, records.length, () => deps.producer.sendForOffsets(records.map(({ record }) => record)));
    records.forEach(({ lane, share }, place) => {
      this.writer.wroteGrant(lane, share, offsets[place]?.offset ?? -1);
      deps.metrics.grants.add({ lane: LANES[lane]?.name ?? '' });
    });
    let items = 0;
    const picks = LANES.map(() => 0);
    for (const batch of batches) {
      items += batch.items.length;
      picks[batch.lane] = (picks[batch.lane] ?? 0) + batch.items.length;
    }
    LANES.forEach(({ name }, lane) => deps.metrics.picks.add({ lane: name }, picks[lane] ?? 0));
    timeGrants(deps.metrics, channel, batches, now);
    this.lastGrantAt = deps.clock.monotonic();
    // A turn is bounded; when it reached its bound, the rest follows at once.
    if (items >= MAX_ITEMS_A_TURN) this.wokenAgain = true;
  }

  /** Bundles name no campaign's trace: they name a span that is linked to each. */
  private traced<T>(batches: readonly GrantBatch[], records: number, send: () => Promise<T>): Promise<T> {
    if (records === batches.length) return send();
    const links = batches.slice(0, MAX_LINKS).map(({ frame }) => frame.traceparent ?? '');
    return this.deps.tracing.span('scheduler.grant', { kind: 'producer', hot: true, links }, send);
  }

  /** Agents learn why a campaign is slow. Told at least once: what is lost with this process is found and told by the next. */
  private tellNotices(): void {
    const { deps, channel, state } = this;
    const notices = state.notices.take();
    if (notices.length === 0) return;
    deps.producer.send(notices.map((notice) => noticeRecord(channel, notice))).then(
      () => {
        state.notices.sent(notices, state.queues);
        this.writer.changed();
        for (const { campaignId, reason } of notices) {
          deps.metrics.slowed.add({ reason });
          deps.logger.info('scheduler.campaign-slowed', { channel, campaign: campaignId, reason });
        }
      },
      (error: unknown) => {
        state.notices.failed(notices);
        deps.logger.warn('scheduler.notice-failed', { channel, error });
      },
    );
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
    this.writer.changed();
  }

  /** false: not written. A store that is away costs nothing but a longer replay; another owner's checkpoint ends this one. */
  private async save(): Promise<boolean> {
    try {
      if (await this.writer.save(this.state)) return true;
      this.giveUp('CHECKPOINT_TAKEN');
    } catch (error) {
      this.deps.metrics.checkpointFailures.add();
      this.deps.logger.warn('scheduler.checkpoint-failed', { channel: this.channel, error });
    }
    return false;
  }

  private giveUp(reason: string, error?: unknown): void {
    this.broken = true;
    if (this.stopped) return;
    this.stopped = true;
    this.timer.cancel();
    this.teller.stop();
    this.deps.metrics.lost.add();
    this.deps.lost(this.channel, reason, error);
  }
}
