import type { OutgoingRecord } from '@tocsin/contracts';
import type { BatchProducer, TopicPartitionOffset } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import { askGrants, fireDue } from './ask-grants.js';
import type { DatabaseBudget } from './database-budget.js';
import type { LedgerMetrics } from './ledger-metrics.js';
import type { LedgerPartition } from './ledger-partition.js';
import type { LedgerStore } from './ledger-store.js';
import type { ResidentPart, ResidentSlice } from './resident.js';
import { tallyEmitted, tallyFailed, writePart } from './write-part.js';
import { writeSlice } from './write-slice.js';

/** ms between two writes of a slice, and between two tallies of a part. */
export const WRITE_INTERVAL = 1_000;
/** ms a slice gathers facts before its first write. */
const GATHER = 250;
/** Writes in flight at once: enough to hide a round trip, few enough that each is charged what it took. */
const WRITES_AT_ONCE = 2;

export interface FlusherDeps {
  readonly store: LedgerStore;
  readonly producer: BatchProducer;
  readonly budget: DatabaseBudget;
  readonly metrics: LedgerMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  commit(offsets: readonly TopicPartitionOffset[]): Promise<void>;
}

/** Writes what is dirty, oldest first and within the budget; then emits dues and tallies; then commits what is stored and emitted. */
export class Flusher {
  constructor(private readonly deps: FlusherDeps) {}

  /** `force`: everything dirty, whatever its age and the budget (a drain). */
  async round(partitions: readonly LedgerPartition[], force: boolean): Promise<void> {
    const { clock, producer, metrics } = this.deps;
    for (const partition of partitions) await fireDue(partition, clock);
    const slices = partitions.flatMap((partition) =>
      [...partition.slices.values()]
        .filter((resident) => resident.dirtySince !== 0 && resident.inFlight.length === 0)
        .map((resident) => ({ partition, resident })),
    );
    metrics.dirty.set(slices.length);
    const now = clock.monotonic();
    const eligible = slices.filter(({ resident }) => force || this.isRipe(resident, now));
    await this.each(oldestFirst(eligible), force, ({ partition, resident }) => this.slice(partition, resident));
    const firing = partitions.flatMap((partition) => [...partition.slices.values()].filter((resident) => resident.firing));
    metrics.dues.add({}, await askGrants(firing, producer, clock));
    await this.tallies(partitions, force);
    await this.commit(partitions);
  }

  private isRipe(resident: ResidentSlice, now: number): boolean {
    return now - resident.dirtySince >= GATHER && now - resident.writtenAt >= WRITE_INTERVAL;
  }

  private async slice(partition: LedgerPartition, resident: ResidentSlice): Promise<void> {
    const { store, clock, metrics } = this.deps;
    metrics.writeInterval.observe((clock.monotonic() - resident.dirtySince) / 1_000);
    const held = await writeSlice(partition, resident, store, clock);
    metrics.writes.add({ what: 'slice', guard: held ? 'held' : 'lost' });
  }

  private async tallies(partitions: readonly LedgerPartition[], force: boolean): Promise<void> {
    const { store, clock, producer, metrics } = this.deps;
    const now = clock.monotonic();
    const dirty = partitions.flatMap((partition) =>
      [...partition.parts.values()]
        .filter((part) => part.dirtySince !== 0 && (force || now - part.writtenAt >= WRITE_INTERVAL))
        .map((resident) => ({ resident })),
    );
    const written: { resident: ResidentPart; record: OutgoingRecord }[] = [];
    try {
      await this.each(oldestFirst(dirty), force, async ({ resident }) => {
        const record = await writePart(resident, store, clock);
        metrics.writes.add({ what: 'part', guard: record ? 'held' : 'lost' });
        if (record) written.push({ resident, record });
      });
      if (written.length > 0) await producer.send(written.map(({ record }) => record));
    } catch (error) {
      for (const { resident } of written) tallyFailed(resident, now);
      throw error;
    }
    for (const { resident } of written) tallyEmitted(resident);
  }

  private async commit(partitions: readonly LedgerPartition[]): Promise<void> {
    const offsets: TopicPartitionOffset[] = [];
    for (const partition of partitions) {
      for (const [topic, offset] of partition.committable()) {
        if (offset > (partition.committed.get(topic) ?? -1)) offsets.push({ topic, partition: partition.partition, offset });
      }
    }
    if (offsets.length === 0) return;
    await this.deps.commit(offsets);
    for (const { topic, partition, offset } of offsets) {
      partitions.find((candidate) => candidate.partition === partition)?.committed.set(topic, offset);
    }
  }

  /** Runs the work in order, a few at once, until the budget is used up. */
  private async each<T>(items: readonly T[], force: boolean, work: (item: T) => Promise<void>): Promise<void> {
    const { budget, clock } = this.deps;
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < items.length && (force || budget.allows(clock.monotonic()))) {
        const item = items[next++] as T;
        const began = clock.monotonic();
        await work(item);
        budget.charge(clock.monotonic() - began);
      }
    };
    await Promise.all(Array.from({ length: WRITES_AT_ONCE }, worker));
  }
}

function oldestFirst<T extends { readonly resident: { readonly dirtySince: number } }>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => a.resident.dirtySince - b.resident.dirtySince);
}
