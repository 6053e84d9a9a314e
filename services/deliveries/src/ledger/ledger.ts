import { setTimeout as pause } from 'node:timers/promises';
import { deadTopic, record } from '@tocsin/contracts';
import type { BatchProducer, GroupConsumer, IncomingRecord, KafkaConnection, RecordBatch, TopicPartition } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import { tallyOf } from '../core/part.js';
import type { RulesOf } from '../core/rules.js';
import type { DatabaseBudget } from './database-budget.js';
import { evict } from './evict.js';
import { factsOf, type LedgerFact } from './fact-of.js';
import { Flusher } from './flusher.js';
import type { LedgerMetrics } from './ledger-metrics.js';
import { ContradictionError, LedgerPartition } from './ledger-partition.js';
import type { LedgerStore } from './ledger-store.js';

export const LEDGER_GROUP = 'deliveries';
/** Dirty slices held at most, about 60 KB each with the facts that may have to be folded again; the consumers rest beyond it. */
const MAX_DIRTY = 600;
/** ms between two rounds of the flusher. */
const ROUND = 100;
/** ms after a round that failed (the store or the broker is away). */
const ROUND_AFTER_FAILURE = 1_000;
/** ms a drain before a re-join may take, of the 5 s the consumer allows. */
const DRAIN = 4_000;
/** ms between fetches while records come: slices gather facts for longer than that before they are written, and a fetch of some forty partitions costs client and broker a millisecond. */
const REST = 100;
/** ms between two looks at what may leave memory and how many stand where. */
const SURVEY = 5_000;

export interface LedgerDeps {
  readonly kafka: KafkaConnection;
  readonly producer: BatchProducer;
  readonly store: LedgerStore;
  readonly rulesOf: RulesOf;
  readonly budget: DatabaseBudget;
  readonly metrics: LedgerMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** False while the store cannot be reached: an instance that reaches it should have the partitions. */
  able?(): boolean;
  /** Days the recipients of an ended campaign are kept. */
  readonly recipientDays: number;
}

/** Folds the ledger's topics into slices, one owner a partition. */
export class Ledger {
  private readonly partitions = new Map<number, LedgerPartition>();
  private readonly group: GroupConsumer;
  private readonly flusher: Flusher;
  private paused = false;
  private stopped = false;
  private rounds: Promise<void> = Promise.resolve();
  private running: Promise<void> = Promise.resolve();
  private surveyedAt = 0;
  private dirty = 0;
  /** Grows with every record folded and every round, one that the store refused too: a restart mends what hangs, not a store that is away. */
  progress = 0;

  constructor(
    private readonly deps: LedgerDeps,
    topics: readonly string[],
  ) {
    this.group = deps.kafka.group({
      group: LEDGER_GROUP,
      topics,
      assigner: 'copartition',
      from: 'beginning',
      commit: 'manual',
      restMs: REST,
      able: () => deps.able?.() ?? true,
      onBatch: (batch) => this.batch(batch),
      onAssigned: (assigned) => this.assigned(assigned),
      beforeRejoin: () => this.drain(DRAIN),
    });
    this.flusher = new Flusher({ ...deps, commit: (offsets) => this.group.commit(offsets) });
  }

  async start(): Promise<void> {
    await this.group.start();
    this.running = this.run();
  }

  /** The partitions this process folds now. */
  owned(): readonly LedgerPartition[] {
    return [...this.partitions.values()];
  }

  setTopics(topics: readonly string[]): Promise<void> {
    return this.group.setTopics(topics);
  }

  hasWork(): boolean {
    return this.dirty > 0;
  }

  async stop(): Promise<void> {
    await this.group.stop();
    this.stopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const failed = await this.round(false).then(
        () => false,
        (error: unknown) => {
          this.deps.logger.warn('ledger.round_failed', { error: String(error) });
          this.progress += 1;
          return true;
        },
      );
      await pause(failed ? ROUND_AFTER_FAILURE : ROUND);
    }
  }

  /** Rounds run one after the other. */
  private round(force: boolean): Promise<void> {
    const next = this.rounds.then(async () => {
      const partitions = [...this.partitions.values()];
      await this.flusher.round(partitions, force);
      this.progress += 1;
      this.regulate();
      this.survey(partitions);
    });
    this.rounds = next.catch(() => undefined);
    return next;
  }

  private async drain(deadlineMs: number): Promise<void> {
    const until = this.deps.clock.monotonic() + deadlineMs;
    do {
      await this.round(true);
    } while (this.dirty > 0 && this.deps.clock.monotonic() < until);
  }

  /** Starts from the store whatever was held before: between two joins others may have owned the same partitions. */
  private async assigned(assigned: readonly TopicPartition[]): Promise<void> {
    const { store, rulesOf, clock, logger } = this.deps;
    const owned = [...new Set(assigned.map(({ partition }) => partition))];
    const markers = owned.length === 0 ? [] : await store.markers.all();
    this.partitions.clear();
    for (const number of owned) {
      const partition = new LedgerPartition(number, { store, rulesOf, clock, tell: this.deps.metrics.tell });
      await partition.takeOver(markers);
      this.partitions.set(number, partition);
    }
    this.paused = false;
    logger.info('ledger.assigned', { partitions: owned, openParts: markers.length });
  }

  private async batch(batch: RecordBatch): Promise<void> {
    const { metrics, clock } = this.deps;
    const partition = this.partitions.get(batch.partition);
    for (const incoming of batch.records) {
      // Given away while the batch was open: its next owner reads from the committed offset.
      if (!partition || this.partitions.get(batch.partition) !== partition) return;
      await this.take(partition, incoming);
      partition.taken.set(batch.topic, incoming.offset + 1);
      this.progress += 1;
    }
    const last = batch.records.at(-1)?.envelope;
    if (last) metrics.foldLag.observe(Math.max(0, clock.now() - last.occurredAt) / 1_000);
    this.regulate();
  }

  /** Bounds memory: the consumers rest while too many slices wait for their write. */
  private regulate(): void {
    this.dirty = countDirty([...this.partitions.values()]);
    if (!this.paused && this.dirty >= MAX_DIRTY) {
      this.paused = true;
      this.group.pause(this.group.assigned());
    } else if (this.paused && this.dirty <= MAX_DIRTY / 2) {
      this.paused = false;
      this.group.resume(this.group.assigned());
    }
  }

  private async take(partition: LedgerPartition, incoming: IncomingRecord): Promise<void> {
    const facts = readFacts(incoming);
    if (facts === 'damaged') return this.refuse(incoming, 'DECODE_FAILED');
    if (facts.length === 0) this.deps.metrics.facts.add({ about: 'nothing' });
    for (const fact of facts) {
      if (await this.folded(partition, incoming, fact)) this.deps.metrics.facts.add({ about: fact.about });
      // The others of its bundle are not at fault.
      else await this.refuse(incoming, 'CONTRADICTION');
    }
  }

  /** false: it contradicts what is known. */
  private async folded(partition: LedgerPartition, incoming: IncomingRecord, fact: LedgerFact): Promise<boolean> {
    for (;;) {
      try {
        await partition.fold(incoming.topic, incoming.offset, fact);
        return true;
      } catch (error) {
        if (error instanceof ContradictionError) return false;
        if (this.stopped || this.partitions.get(incoming.partition) !== partition) throw error;
        // The store is away: the record is not at fault and waits, with everything behind it.
        this.deps.logger.warn('ledger.fold_waits', { error: String(error) });
        await pause(ROUND_AFTER_FAILURE);
      }
    }
  }

  /** A damaged or contradicting record delays nobody: its place and reason lie in the dead letters. */
  private async refuse(incoming: IncomingRecord, reason: 'DECODE_FAILED' | 'CONTRADICTION'): Promise<void> {
    const { clock, logger, producer } = this.deps;
    this.deps.metrics.facts.add({ about: 'refused' });
    logger.warn('ledger.record_refused', { topic: incoming.topic, partition: incoming.partition, offset: incoming.offset, reason });
    const letter = {
      topic: incoming.topic,
      partition: incoming.partition,
      offset: incoming.offset,
      reason,
      detail: 'The ledger could not fold the record.',
      type: incoming.envelope?.type ?? '',
      eventId: incoming.envelope?.eventId ?? '',
      tenantId: incoming.envelope?.tenantId ?? '',
      consumerGroup: LEDGER_GROUP,
      failedAt: clock.now(),
      key: incoming.key,
    };
    const meta = { tenantId: letter.tenantId, occurredAt: letter.failedAt };
    await producer.send([record(deadTopic(incoming.topic), incoming.key, 'tocsin.common.v1.DeadLetter', letter, meta)]);
  }

  private survey(partitions: readonly LedgerPartition[]): void {
    const now = this.deps.clock.monotonic();
    if (now - this.surveyedAt < SURVEY) return;
    this.surveyedAt = now;
    for (const partition of partitions) evict(partition, partitions.length);
    const { recipients, resident } = this.deps.metrics;
    const tallies = partitions.flatMap((partition) => [...partition.parts.values()].map(({ part }) => tallyOf(part)));
    for (const state of ['delivered', 'acceptedClosed', 'failed', 'suppressed', 'expired', 'cancelled', 'pending'] as const) {
      recipients.set(
        tallies.reduce((sum, tally) => sum + tally[state], 0),
        { state },
      );
    }
    resident.set(partitions.reduce((sum, partition) => sum + partition.slices.size, 0));
  }
}

function readFacts(incoming: IncomingRecord): readonly LedgerFact[] | 'damaged' {
  try {
    return factsOf(incoming);
  } catch {
    return 'damaged';
  }
}

function countDirty(partitions: readonly LedgerPartition[]): number {
  let dirty = 0;
  for (const partition of partitions) for (const slice of partition.slices.values()) if (slice.dirtySince !== 0) dirty += 1;
  return dirty;
}
