import type { Logger } from '@tocsin/observability';
import type { ClusterLink } from './cluster-link.js';
import { REQUEST_DEADLINE } from './cluster-link.js';
import { backoff, delay, withDeadline } from './deadline.js';
import { fetchFrom, leaders, type FetchPlace } from './fetch-records.js';
import { kafkaErrorType } from './kafka-error.js';
import { EARLIEST, LATEST, listOffsets } from './list-offsets.js';
import { partitionKey, type RawBatch } from './raw-batch.js';

/** ms the broker holds a fetch while nothing comes: the idle cost of a reader is one request in that time. */
const IDLE_WAIT = 1_000;
/** The same while a partition is paused or busy, which would otherwise wait that long for its next turn. */
const PARTIAL_WAIT = 50;
/** ms a fetch round waits for handlers before it goes on with the partitions that are done. */
const HANDLER_GRACE = 50;
/** ms of rest after a round that brought records: what comes meanwhile travels together, and a request costs 1 ms of CPU. */
const DEFAULT_REST = 5;
/** ms before a batch whose handler threw is handed over again. */
const HANDLER_BACKOFF = 1_000;
/** ms between tries while the cluster cannot be read. */
const MOST_BACKOFF = 2_000;

interface Partition extends FetchPlace {
  position: number;
  paused: boolean;
  /** The handler's promise while a batch is in hand. */
  busy: Promise<void> | undefined;
  /** The number of that batch. */
  batch: number;
}

/** Batches handed over by all readers of this process: each has its number. */
let handedOver = 0;

export interface ReaderOptions {
  readonly link: ClusterLink;
  readonly logger: Logger;
  readonly restMs?: number | (() => number) | undefined;
  /** Handed over in partition order, one batch of a partition at a time; a batch whose handler throws comes again. */
  onBatch(batch: RawBatch): Promise<void>;
}

/** Reads assigned partitions from given positions: one fetch at a time per leading broker, partitions side by side. */
export class PartitionReader {
  readonly #options: ReaderOptions;
  #partitions = new Map<string, Partition>();
  #run: { stopped: boolean; wake(): void } | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Reads these places and no others; what was being handled before must have been awaited by `stop`. */
  start(places: readonly { readonly topic: string; readonly partition: number; readonly offset: number }[]): void {
    if (this.#run) this.#run.stopped = true;
    this.#run?.wake();
    const before = this.#partitions;
    // A partition that stays stays paused: whoever paused it has not been told otherwise.
    const paused = (key: string): boolean => before.get(key)?.paused ?? false;
    this.#partitions = new Map(
      places.map(({ topic, partition, offset }) => [
        partitionKey(topic, partition),
        { topic, partition, position: offset, paused: paused(partitionKey(topic, partition)), busy: undefined, batch: 0 },
      ]),
    );
    const run = { stopped: false, wake: () => undefined };
    this.#run = run;
    void this.#loop(run);
  }

  /** Hands nothing over any more and waits for the handlers at most `ms`; answers whether all were done. */
  async stop(ms: number): Promise<boolean> {
    if (this.#run) {
      this.#run.stopped = true;
      this.#run.wake();
      this.#run = undefined;
    }
    const busy = [...this.#partitions.values()].flatMap((partition) => partition.busy ?? []);
    return withDeadline(ms, 'handlers', Promise.all(busy)).then(
      () => true,
      () => false,
    );
  }

  seek(topic: string, partition: number, offset: number): void {
    const found = this.#partitions.get(partitionKey(topic, partition));
    if (found) found.position = offset;
    this.#run?.wake();
  }

  pause(topic: string, partition: number, paused: boolean): void {
    const found = this.#partitions.get(partitionKey(topic, partition));
    if (found) found.paused = paused;
    if (!paused) this.#run?.wake();
  }

  /** Next offset to be handed over, per partition of a topic. */
  positions(topic: string): Map<number, number> {
    return new Map([...this.#partitions.values()].filter((one) => one.topic === topic).map((one) => [one.partition, one.position]));
  }

  /** Resolves when the batch in hand of this partition is done; at once when none is. */
  async settled(topic: string, partition: number): Promise<void> {
    await this.#partitions.get(partitionKey(topic, partition))?.busy;
  }

  /** Number of the batch that has been with its handler longest; undefined when no handler is at work. */
  oldestInHand(): number | undefined {
    const numbers = [...this.#partitions.values()].filter(({ busy }) => busy !== undefined).map(({ batch }) => batch);
    return numbers.length === 0 ? undefined : Math.min(...numbers);
  }

  async #loop(run: { stopped: boolean; wake(): void }): Promise<void> {
    for (let failures = 0; !run.stopped;) {
      try {
        const brought = await this.#round(run);
        failures = 0;
        const { restMs = DEFAULT_REST } = this.#options;
        if (brought && !run.stopped) await delay(typeof restMs === 'number' ? restMs : restMs());
      } catch (error) {
        if (run.stopped) return;
        this.#options.logger.warn('kafka.fetch.failed', { error: error instanceof Error ? error.message : String(error), failures });
        if (kafkaErrorType(error) === 'OFFSET_OUT_OF_RANGE') await this.#toEarliest().catch(() => undefined);
        await delay(backoff(failures++, 100, MOST_BACKOFF));
      }
    }
  }

  /** One fetch from each leader of what may be read now; answers whether records came. */
  async #round(run: { stopped: boolean; wake(): void }): Promise<boolean> {
    const all = [...this.#partitions.values()];
    const wanted = all.filter((partition) => !partition.paused && !partition.busy);
    if (wanted.length === 0) {
      await this.#awaitWork(run, all);
      return false;
    }
    const { link } = this.#options;
    const maxWait = wanted.length === all.length ? IDLE_WAIT : PARTIAL_WAIT;
    const asked = wanted.map((partition) => ({ partition, offset: partition.position }));
    const groups = await link.call('find leaders', REQUEST_DEADLINE, async (cluster) => {
      await link.watch(cluster, new Set(wanted.map((partition) => partition.topic)));
      const found = leaders(cluster, wanted);
      // Thrown inside the call, so that the next one starts with fresh metadata.
      if (found.size === 0) throw new Error('no partition has a leader');
      return found;
    });
    const fetched = await Promise.allSettled(
      // With several leaders an idle one must not hold back what another brought.
      [...groups].map(([node, places]) => fetchFrom(link, node, places, groups.size > 1 ? PARTIAL_WAIT : maxWait)),
    );
    if (run.stopped) return false;
    const batches = fetched.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    const started = batches.flatMap((batch) => this.#take(batch, asked));
    if (started.length > 0) await Promise.race([Promise.all(started), delay(HANDLER_GRACE)]);
    // A frozen leader fails the round, after what the others brought was handed over.
    const failed = fetched.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    return started.length > 0;
  }

  /** Waits until a partition is resumed, done or sought; a second at most, as a safety net. */
  async #awaitWork(run: { wake(): void }, all: readonly Partition[]): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      run.wake = resolve;
    });
    const busy = all.flatMap((partition) => partition.busy ?? []);
    await withDeadline(IDLE_WAIT, 'work', Promise.race([woken, ...busy])).catch(() => undefined);
    run.wake = () => undefined;
  }

  #take(batch: RawBatch, asked: readonly { readonly partition: Partition; readonly offset: number }[]): Promise<void>[] {
    const ask = asked.find(({ partition }) => partition.topic === batch.topic && partition.partition === batch.partition);
    // Sought, paused or assigned anew while the fetch was under way: its records are not wanted any more.
    if (!ask || ask.partition.position !== ask.offset || ask.partition.paused) return [];
    const last = batch.records.at(-1);
    if (!last) return [];
    const { partition } = ask;
    partition.position = last.offset + 1;
    partition.batch = ++handedOver;
    partition.busy = this.#handle(batch, partition, ask.offset);
    return [partition.busy];
  }

  async #handle(batch: RawBatch, partition: Partition, from: number): Promise<void> {
    try {
      await this.#options.onBatch(batch);
    } catch (error) {
      const { topic, partition: number } = batch;
      this.#options.logger.error('kafka.batch.failed', { topic, partition: number, offset: from, error });
      await delay(HANDLER_BACKOFF);
      if (partition.position === (batch.records.at(-1)?.offset ?? 0) + 1) partition.position = from;
    } finally {
      partition.busy = undefined;
    }
  }

  /** Retention has passed a position, or the topic was made anew: go on with the oldest record there is, so that none is left out. */
  async #toEarliest(): Promise<void> {
    const { link, logger } = this.#options;
    const all = [...this.#partitions.values()];
    const [earliest, latest] = await Promise.all([listOffsets(link, all, EARLIEST), listOffsets(link, all, LATEST)]);
    for (const partition of all) {
      const key = partitionKey(partition.topic, partition.partition);
      const low = earliest.get(key);
      const high = latest.get(key);
      if (low === undefined || high === undefined || (partition.position >= low && partition.position <= high)) continue;
      logger.warn('kafka.offset.expired', {
        topic: partition.topic,
        partition: partition.partition,
        wanted: partition.position,
        earliest: low,
      });
      partition.position = low;
    }
  }
}
