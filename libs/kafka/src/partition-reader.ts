import type { Logger } from '@tocsin/observability';
import type { ClusterLink } from './cluster-link.js';
import { REQUEST_DEADLINE } from './cluster-link.js';
import { backoff, delay, withDeadline } from './deadline.js';
import { fetchFrom, type FetchPlace } from './fetch-records.js';
import { kafkaErrorType } from './kafka-error.js';
import { EARLIEST, LATEST, listOffsets } from './list-offsets.js';
import { partitionKey, type RawBatch } from './raw-batch.js';
import { ReadCopies } from './read-copies.js';

/** ms the broker holds a fetch while nothing comes: the idle cost of a reader is one request in that time. */
const IDLE_WAIT = 1_000;
/** The same while a partition is paused or busy, which would otherwise wait that long for its next turn. */
const PARTIAL_WAIT = 50;
/** ms a node is not asked again while handlers are at work on what it brought, so that their partitions are asked for together. */
const HANDLER_GRACE = 50;
/** ms of rest after a fetch that brought records: what comes meanwhile travels together, and a request costs 1 ms of CPU. */
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
  /** Where this process runs: records are read from the copy there. */
  readonly rack?: string | undefined;
  /** Handed over in partition order, one batch of a partition at a time; a batch whose handler throws comes again. */
  onBatch(batch: RawBatch): Promise<void>;
}

/** One assignment's reading; a later one starts its own. */
interface Run {
  stopped: boolean;
  wake(): void;
  /** The fetch under way at each node, its rest included. */
  readonly asking: Map<number, Promise<void>>;
  /** Failures in a row of each node. */
  readonly failures: Map<number, number>;
}

/** Reads assigned partitions from given positions: one fetch at a time per node, nodes and partitions side by side, so that no node waits for another. */
export class PartitionReader {
  readonly #options: ReaderOptions;
  #partitions = new Map<string, Partition>();
  readonly #copies: ReadCopies;
  #run: Run | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#copies = new ReadCopies(options.rack ?? '');
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
    const run: Run = { stopped: false, wake: () => undefined, asking: new Map(), failures: new Map() };
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

  async #loop(run: Run): Promise<void> {
    for (let failures = 0; !run.stopped;) {
      try {
        await this.#round(run);
        failures = 0;
      } catch (error) {
        if (run.stopped) return;
        this.#options.logger.warn('kafka.fetch.failed', { error: textOf(error), failures });
        await delay(backoff(failures++, 100, MOST_BACKOFF));
      }
    }
  }

  /** Asks every node that is not being asked for what may be read there now, and waits until something has changed. */
  async #round(run: Run): Promise<void> {
    const all = [...this.#partitions.values()];
    if (!all.some(isFree)) return this.#awaitChange(run, all);
    const { link } = this.#options;
    const nodes = await link.call('find leaders', REQUEST_DEADLINE, async (cluster) => {
      await link.watch(cluster, new Set(all.map((partition) => partition.topic)));
      const found = this.#copies.nodes(cluster, all, performance.now());
      // Thrown inside the call, so that the next one starts with fresh metadata.
      if (found.size === 0) throw new Error('no partition has a leader');
      return found;
    });
    if (run.stopped) return;
    const idle: Partition[] = [];
    for (const [node, places] of nodes) {
      if (run.asking.has(node)) continue;
      const wanted = places.filter(isFree);
      if (wanted.length === 0) {
        idle.push(...places);
        continue;
      }
      const asking = this.#ask(run, node, wanted, wanted.length === places.length ? IDLE_WAIT : PARTIAL_WAIT);
      run.asking.set(
        node,
        asking.finally(() => run.asking.delete(node)),
      );
    }
    await this.#awaitChange(run, idle);
  }

  /** One fetch from one node with what follows it: handing over and rest, or the wait before the next try. */
  async #ask(run: Run, node: number, wanted: readonly Partition[], maxWait: number): Promise<void> {
    const asked = wanted.map((partition) => ({ partition, offset: partition.position }));
    try {
      const batches = await fetchFrom(this.#options.link, node, wanted, maxWait, this.#copies.rackAt(performance.now()));
      run.failures.delete(node);
      if (run.stopped) return;
      for (const { topic, partition, readFrom } of batches) {
        if (readFrom !== undefined) this.#copies.sentTo(readFrom, topic, partition, performance.now());
      }
      const started = batches.flatMap((batch) => this.#take(batch, asked));
      if (started.length === 0) return;
      await Promise.race([Promise.all(started), delay(HANDLER_GRACE)]);
      const { restMs = DEFAULT_REST } = this.#options;
      if (!run.stopped) await delay(typeof restMs === 'number' ? restMs : restMs());
    } catch (error) {
      if (!run.stopped) await this.#failed(run, node, error);
    }
  }

  async #failed(run: Run, node: number, error: unknown): Promise<void> {
    const failures = run.failures.get(node) ?? 0;
    run.failures.set(node, failures + 1);
    this.#options.logger.warn('kafka.fetch.failed', { error: textOf(error), failures, node });
    // Thrown away together with the connection to a node that failed: this one has done nothing.
    const own = !textOf(error).includes('abandoned');
    const ofCopy = own && this.#copies.failed(node, performance.now());
    // A copy may not have come as far yet, or keep less than its leader: the leader decides.
    if (!ofCopy && kafkaErrorType(error) === 'OFFSET_OUT_OF_RANGE') await this.#toEarliest().catch(() => undefined);
    await delay(backoff(failures, 100, MOST_BACKOFF));
  }

  /** Waits until a node has answered, or one of these partitions is resumed, done or sought; a second at most, as a safety net. */
  async #awaitChange(run: Run, idle: readonly Partition[]): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      run.wake = resolve;
    });
    const busy = idle.flatMap((partition) => partition.busy ?? []);
    await withDeadline(IDLE_WAIT, 'work', Promise.race([woken, ...run.asking.values(), ...busy])).catch(() => undefined);
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

function isFree(partition: Partition): boolean {
  return !partition.paused && !partition.busy;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
