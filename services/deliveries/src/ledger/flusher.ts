import type { OutgoingRecord } from '@tocsin/contracts';
import { dayOf } from '@tocsin/mongo';
import type { BatchProducer, TopicPartitionOffset } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import { fairOrder, type Waiting } from '../core/fair-order.js';
import { listEnded, mustBeListed } from '../retention/list-ended.js';
import { askGrants, fireDue } from './ask-grants.js';
import type { DatabaseBudget } from './database-budget.js';
import type { LedgerMetrics } from './ledger-metrics.js';
import type { LedgerPartition } from './ledger-partition.js';
import type { LedgerStore } from './ledger-store.js';
import type { ResidentPart, ResidentSlice } from './resident.js';
import { tallyEmitted, tallyFailed, writePart } from './write-part.js';
import { writeSlice } from './write-slice.js';

/** ms between two writes of a slice; at most one tally of a part in each such stretch. */
export const WRITE_INTERVAL = 1_000;
/** ms a slice gathers facts before its first write: for a campaign with few slices to write, and at most. A slice of a city is written once for its attempts and their receipts. */
const GATHER = 250;
const MOST_GATHER = 1_500;
/** ms more for each slice of the campaign that waits: some sixty wait where a city is sent at full speed. */
const GATHER_A_SLICE = 25;
/** ms between two commits: a commit costs the broker as much as a hundred records, and what is read twice is folded once. */
const COMMIT_INTERVAL = 1_000;
/** Writes in flight at once: enough to hide a round trip, few enough that each is charged what it took. */
const WRITES_AT_ONCE = 2;

export interface FlusherDeps {
  readonly store: LedgerStore;
  readonly producer: BatchProducer;
  readonly budget: DatabaseBudget;
  readonly metrics: LedgerMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Days the recipients of an ended campaign are kept. */
  readonly recipientDays: number;
  commit(offsets: readonly TopicPartitionOffset[]): Promise<void>;
}

/** Writes what is dirty, oldest first and within the budget; then emits dues and tallies; then commits what is stored and emitted. */
export class Flusher {
  private committedAt = -Infinity;

  constructor(private readonly deps: FlusherDeps) {}

  /** `force`: everything dirty, whatever its age and the budget (a drain). */
  async round(partitions: readonly LedgerPartition[], force: boolean): Promise<void> {
    const { clock, producer, metrics } = this.deps;
    for (const partition of partitions) await fireDue(partition, clock);
    const written: WrittenPart[] = [];
    try {
      // Slices and parts share the budget by age, so that neither starves the other.
      await this.write([...this.slices(partitions, force), ...(await this.parts(partitions, force, written))], force);
      const firing = partitions.flatMap((partition) => [...partition.slices.values()].filter((resident) => resident.firing));
      metrics.dues.add({}, await askGrants(firing, producer, clock));
      // A drain does not wait for another round to tell what its slices now count.
      if (force) await this.write(await this.parts(partitions, force, written), force);
      if (written.length > 0) await producer.send(written.map(({ record }) => record));
    } catch (error) {
      for (const { resident } of written) tallyFailed(resident, clock.monotonic());
      throw error;
    }
    for (const { resident } of written) tallyEmitted(resident);
    if (force || clock.monotonic() - this.committedAt >= COMMIT_INTERVAL) await this.commit(partitions);
  }

  private slices(partitions: readonly LedgerPartition[], force: boolean): Job[] {
    const { store, clock, metrics } = this.deps;
    const now = clock.monotonic();
    const dirty = partitions.flatMap((partition) =>
      [...partition.slices.values()]
        .filter((resident) => resident.dirtySince !== 0 && resident.inFlight.length === 0)
        .map((resident) => ({ partition, resident })),
    );
    metrics.dirty.set(dirty.length);
    const waiting = new Map<string, number>();
    for (const { resident } of dirty) waiting.set(resident.slice.campaignId, (waiting.get(resident.slice.campaignId) ?? 0) + 1);
    return dirty
      .filter(({ resident }) => force || isRipe(resident, waiting.get(resident.slice.campaignId) ?? 1, now))
      .map(({ partition, resident }) => ({
        campaignId: resident.slice.campaignId,
        since: resident.dirtySince,
        run: async () => {
          metrics.writeInterval.observe((clock.monotonic() - resident.dirtySince) / 1_000);
          const held = await writeSlice(partition, resident, store, clock);
          metrics.writes.add({ what: 'slice', guard: held ? 'held' : 'lost' });
        },
      }));
  }

  private async parts(partitions: readonly LedgerPartition[], force: boolean, written: WrittenPart[]): Promise<Job[]> {
    const { store, clock, metrics } = this.deps;
    const now = clock.monotonic();
    const due = partitions
      .flatMap((partition) => [...partition.parts.values()])
      .filter((part) => part.dirtySince !== 0 && (force || isDue(part, now)));
    await listEnded(due, store.ended, dayOf(clock.now()), this.deps.recipientDays);
    return due.map((resident) => ({
      campaignId: resident.part.campaignId,
      since: resident.dirtySince,
      run: async () => {
        // Ended by a slice that was stored after the list was: the next round lists it, then writes it.
        if (mustBeListed(resident)) return;
        const record = await writePart(resident, store, clock);
        metrics.writes.add({ what: 'part', guard: record ? 'held' : 'lost' });
        if (record) written.push({ resident, record });
      },
    }));
  }

  /** Runs the jobs in fair order, a few at once, until the budget is used up. */
  private async write(jobs: readonly Job[], force: boolean): Promise<void> {
    const { budget, clock } = this.deps;
    const queue = fairOrder(jobs).values();
    const worker = async (): Promise<void> => {
      while (force || budget.allows(clock.monotonic())) {
        const { value: job } = queue.next();
        if (!job) return;
        const began = clock.monotonic();
        await job.run();
        budget.charge(clock.monotonic() - began);
      }
    };
    await Promise.all(Array.from({ length: WRITES_AT_ONCE }, worker));
  }

  private async commit(partitions: readonly LedgerPartition[]): Promise<void> {
    const offsets: TopicPartitionOffset[] = [];
    for (const partition of partitions) {
      for (const [topic, offset] of partition.committable()) {
        if (offset > (partition.committed.get(topic) ?? -1)) offsets.push({ topic, partition: partition.partition, offset });
      }
    }
    if (offsets.length === 0) return;
    this.committedAt = this.deps.clock.monotonic();
    await this.deps.commit(offsets);
    for (const { topic, partition, offset } of offsets) {
      partitions.find((candidate) => candidate.partition === partition)?.committed.set(topic, offset);
    }
  }
}

interface Job extends Waiting {
  run(): Promise<void>;
}

interface WrittenPart {
  readonly resident: ResidentPart;
  readonly record: OutgoingRecord;
}

/** The parts of a campaign are written in the same round of each second, so that their tallies travel and are counted together. */
function isDue(part: ResidentPart, now: number): boolean {
  return Math.floor(now / WRITE_INTERVAL) > Math.floor(part.writtenAt / WRITE_INTERVAL);
}

/** `waiting`: slices of its campaign that differ from the store. */
function isRipe(resident: ResidentSlice, waiting: number, now: number): boolean {
  const gather = Math.min(MOST_GATHER, GATHER + (waiting - 1) * GATHER_A_SLICE);
  return now - resident.dirtySince >= gather && now - resident.writtenAt >= WRITE_INTERVAL;
}
