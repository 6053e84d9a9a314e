import type { Logger } from '@tocsin/observability';
import type { ClusterLink } from './cluster-link.js';
import { backoff, delay, withDeadline } from './deadline.js';
import { GroupMembership, type AssignedPartition } from './group-membership.js';
import { isFatal } from './kafka-error.js';
import { EARLIEST, LATEST, listOffsets } from './list-offsets.js';
import { OffsetCommitter } from './offset-committer.js';
import { PartitionReader } from './partition-reader.js';
import { partitionKey, type RawBatch } from './raw-batch.js';

/** ms between heartbeats: a rebalance is noticed within this time. */
const HEARTBEAT_INTERVAL = 2_000;
/** ms that handlers and `beforeRejoin` together may take before a re-join; the group waits twice as long. */
const DRAIN_DEADLINE = 5_000;
/** ms between tries to join a group that cannot be reached. */
const MOST_BACKOFF = 3_000;

/** ms a member whose owner cannot do the work keeps its partitions: what it needs may just be restarting. */
const STAND_ASIDE_AFTER = 8_000;
/** ms between two looks whether it can again. */
const ABLE_LOOK = 500;

export interface GroupHostOptions {
  readonly link: ClusterLink;
  readonly logger: Logger;
  readonly group: string;
  readonly assigner: 'copartition' | 'round-robin';
  readonly from: 'beginning' | 'end';
  readonly commit: 'after-batch' | 'manual';
  readonly restMs?: number | undefined;
  readonly rack?: string | undefined;
  able(): boolean;
  onBatch(batch: RawBatch): Promise<void>;
  onAssigned(assigned: readonly AssignedPartition[]): Promise<void>;
  readonly beforeRejoin: () => Promise<void>;
  onFatal(error: unknown): void;
  onRebalance(): void;
}

/**
 * A member of a consumer group with its reader: joins, hands over, keeps the session alive, and drains before every re-join, so that no
 * record is in two members' hands. Topics with prefix.
 */
export class GroupHost {
  readonly membership: GroupMembership;
  readonly reader: PartitionReader;
  readonly committer: OffsetCommitter;
  readonly #options: GroupHostOptions;
  #topics: readonly string[];
  #assigned: readonly AssignedPartition[] = [];
  #state: 'idle' | 'joining' | 'joined' | 'stopped' = 'idle';
  #rejoin = false;
  #draining = false;
  /** Monotonic ms since which its owner cannot do the work; undefined while it can. */
  #unableSince: number | undefined;
  #wake: () => void = () => undefined;
  #life: Promise<void> = Promise.resolve();

  constructor(topics: readonly string[], options: GroupHostOptions) {
    this.#topics = topics;
    this.#options = options;
    this.membership = new GroupMembership(options.link, options.group, options.assigner);
    this.committer = new OffsetCommitter(this.membership, options.logger, () => this.#askRejoin());
    this.reader = new PartitionReader({
      link: options.link,
      logger: options.logger,
      restMs: options.restMs,
      rack: options.rack,
      onBatch: (batch) => this.#handle(batch),
    });
  }

  /** Resolves after the first join. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#state = 'joining';
      this.#life = this.#live(resolve).catch((error: unknown) => {
        reject(error instanceof Error ? error : new Error(String(error)));
        this.#options.onFatal(error);
      });
    });
  }

  /** False from the moment a drain begins: what waits for something absent must not hold it up. */
  handingOver(): boolean {
    return this.#state === 'joined' && !this.#draining;
  }

  joined(): boolean {
    return this.#state === 'joined';
  }

  assigned(): readonly AssignedPartition[] {
    return this.#assigned;
  }

  leaseValid(): boolean {
    return this.#state === 'joined' && this.membership.leaseValid();
  }

  /** Drains and joins with other topics. */
  subscribe(topics: readonly string[]): void {
    this.#topics = topics;
    this.#askRejoin();
  }

  /** Drains, commits and leaves. */
  async stop(): Promise<void> {
    if (this.#state === 'idle' || this.#state === 'stopped') return;
    const joined = this.#state === 'joined';
    this.#state = 'stopped';
    this.#wake();
    if (joined) await this.#drain();
    await this.membership.leave().catch(() => undefined);
    // A join under way would wait for the whole group; closing the link ends it.
    this.#options.link.abandon();
    await this.#life;
  }

  async #live(started: () => void): Promise<void> {
    await this.#evictPredecessors();
    for (let failures = 0; this.#running();) {
      try {
        await this.#untilAble();
        if (!this.#running()) return;
        await this.#joinOnce();
        failures = 0;
        started();
        await this.#keepAlive();
      } catch (error) {
        if (!this.#running()) return;
        if (isFatal(error)) throw error;
        const mustRejoin = GroupMembership.mustRejoin(error);
        if (!mustRejoin) this.#options.logger.warn('kafka.group.failed', { group: this.#options.group, error: text(error), failures });
        await this.#leaveGeneration(error);
        if (!mustRejoin) await delay(backoff(failures++, 200, MOST_BACKOFF));
      }
    }
  }

  async #evictPredecessors(): Promise<void> {
    const { logger, group } = this.#options;
    try {
      const evicted = await this.membership.evictPredecessors();
      if (evicted > 0) logger.info('kafka.group.predecessor', { group, evicted });
    } catch (error) {
      // Only time is lost: the group finds out by itself.
      logger.debug('kafka.group.describe', { group, error: text(error) });
    }
  }

  #running(): boolean {
    return this.#state !== 'stopped';
  }

  async #joinOnce(): Promise<void> {
    this.#rejoin = false;
    const { partitions } = await this.membership.join(this.#topics);
    if (!this.#running()) return;
    this.#options.onRebalance();
    // Heartbeats go on while the owner of the partitions prepares itself; it may take longer than a session.
    const prepared = this.#prepare(partitions);
    const beating = setInterval(() => {
      this.membership.heartbeat().catch((error: unknown) => {
        if (GroupMembership.mustRejoin(error)) this.#askRejoin();
      });
    }, HEARTBEAT_INTERVAL);
    try {
      await prepared;
    } finally {
      clearInterval(beating);
    }
  }

  async #prepare(partitions: readonly AssignedPartition[]): Promise<void> {
    this.#sought.clear();
    const places = await this.#positions(partitions);
    if (!this.#running()) return;
    this.#assigned = partitions;
    this.committer.assign(partitions);
    this.#draining = false;
    this.#state = 'joined';
    await this.#options.onAssigned(partitions);
    // What was sought while preparing is where reading begins.
    if (this.#running()) this.reader.start(places.map((place) => ({ ...place, offset: this.#soughtOr(place) })));
    this.#preparing = false;
  }

  readonly #sought = new Map<string, number>();
  #preparing = true;

  /** Reads on from there; before reading has begun after a join, begins there. */
  seek(topic: string, partition: number, offset: number): void {
    if (this.#preparing) this.#sought.set(partitionKey(topic, partition), offset);
    this.reader.seek(topic, partition, offset);
  }

  #soughtOr(place: AssignedPartition & { readonly offset: number }): number {
    return this.#sought.get(partitionKey(place.topic, place.partition)) ?? place.offset;
  }

  async #positions(partitions: readonly AssignedPartition[]): Promise<(AssignedPartition & { offset: number })[]> {
    const committed = await this.membership.committed(partitions);
    const fresh = committed.filter(({ offset }) => offset < 0);
    const start = await listOffsets(this.#options.link, fresh, this.#options.from === 'beginning' ? EARLIEST : LATEST);
    return committed.map((place) =>
      place.offset >= 0 ? place : { ...place, offset: start.get(partitionKey(place.topic, place.partition)) ?? 0 },
    );
  }

  /** Heartbeats until the group rebalances or the subscription changes. */
  async #keepAlive(): Promise<void> {
    for (let failedSince = 0; this.#running();) {
      if (this.#rejoin) {
        await this.#leaveGeneration(undefined);
        return;
      }
      await this.#pause(failedSince === 0 ? HEARTBEAT_INTERVAL : 200);
      if (!this.#running() || this.#rejoin) continue;
      if (this.#mustStandAside()) {
        this.#options.logger.warn('kafka.group.stood-aside', { group: this.#options.group });
        await this.#leaveGeneration(undefined);
        await this.membership.leave().catch(() => undefined);
        return;
      }
      try {
        await this.membership.heartbeat();
        failedSince = 0;
      } catch (error) {
        if (GroupMembership.mustRejoin(error) || isFatal(error)) throw error;
        // The lease runs out by itself when this goes on; the member id is kept, and the next client asks again.
        failedSince ||= performance.now();
      }
    }
  }

  /** Whether it has been unable for so long that others should have its partitions. */
  #mustStandAside(): boolean {
    if (this.#options.able()) {
      this.#unableSince = undefined;
      return false;
    }
    this.#unableSince ??= performance.now();
    return performance.now() - this.#unableSince >= STAND_ASIDE_AFTER;
  }

  async #untilAble(): Promise<void> {
    while (this.#running() && this.#unableSince !== undefined && !this.#options.able()) await this.#pause(ABLE_LOOK);
    this.#unableSince = undefined;
  }

  async #leaveGeneration(error: unknown): Promise<void> {
    if (this.#state === 'joined') {
      await this.#drain();
      if (this.#running()) this.#state = 'joining';
    }
    this.membership.endLease();
    this.membership.forget(error);
    this.#preparing = true;
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    const end = performance.now() + DRAIN_DEADLINE;
    const { logger, group, beforeRejoin } = this.#options;
    const done = await this.reader.stop(DRAIN_DEADLINE);
    if (!done) logger.warn('kafka.drain.late', { group, what: 'handlers' });
    await withDeadline(Math.max(1, end - performance.now()), 'beforeRejoin', beforeRejoin()).catch((error: unknown) =>
      logger.warn('kafka.drain.late', { group, what: 'beforeRejoin', error: text(error) }),
    );
    await withDeadline(Math.max(500, end - performance.now()), 'commit', this.committer.flush()).catch(() => undefined);
    this.#assigned = [];
    this.committer.assign([]);
  }

  async #handle(batch: RawBatch): Promise<void> {
    await this.#options.onBatch(batch);
    const last = batch.records.at(-1);
    if (this.#options.commit === 'after-batch' && last) {
      this.committer.later({ topic: batch.topic, partition: batch.partition, offset: last.offset + 1 });
    }
  }

  #askRejoin(): void {
    this.#rejoin = true;
    this.#wake();
  }

  async #pause(ms: number): Promise<void> {
    await withDeadline(
      ms,
      'pause',
      new Promise<void>((resolve) => {
        this.#wake = resolve;
      }),
    ).catch(() => undefined);
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
