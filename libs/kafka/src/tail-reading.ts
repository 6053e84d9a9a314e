import { TocsinError } from '@tocsin/errors';
import type { Logger } from '@tocsin/observability';
import type { ClusterLink } from './cluster-link.js';
import type { TailOptions, TailReader } from './connection.js';
import { backoff, delay } from './deadline.js';
import { EARLIEST, LATEST, allPartitions, listOffsets } from './list-offsets.js';
import { PartitionReader } from './partition-reader.js';
import { partitionKey, type RawBatch } from './raw-batch.js';

/** ms between two looks at how far a reader has come. */
const CAUGHT_UP_INTERVAL = 20;
/** ms a stop waits for handlers. */
const STOP_DEADLINE = 5_000;
/** ms between tries to find the start positions. */
const MOST_BACKOFF = 2_000;

type Start = TailOptions['topics'][number]['from'];

interface Place {
  readonly topic: string;
  readonly partition: number;
}

export interface TailParts {
  readonly link: ClusterLink;
  readonly logger: Logger;
  readonly prefix: string;
  readonly restMs?: number | (() => number) | undefined;
  readonly rack?: string | undefined;
  handle(batch: RawBatch): Promise<void>;
}

/** Reads whole topics outside any group: there is nothing to join, to keep alive or to commit. */
export class TailReading implements TailReader {
  readonly reader: PartitionReader;
  readonly #topics: TailOptions['topics'];
  readonly #parts: TailParts;
  #places: readonly Place[] = [];
  #state: 'idle' | 'starting' | 'reading' | 'stopped' = 'idle';

  constructor(topics: TailOptions['topics'], parts: TailParts) {
    this.#topics = topics;
    this.#parts = parts;
    this.reader = new PartitionReader({
      link: parts.link,
      logger: parts.logger,
      restMs: parts.restMs,
      rack: parts.rack,
      onBatch: (batch) => parts.handle(batch),
    });
  }

  /** Resolves when the start positions are known; keeps trying until then. */
  async start(): Promise<void> {
    this.#state = 'starting';
    for (let failures = 0; this.#running(); failures++) {
      try {
        const starts = (await Promise.all(this.#topics.map(({ topic, from }) => this.#startsOf(this.#parts.prefix + topic, from)))).flat();
        if (!this.#running()) return;
        this.#places = starts;
        this.reader.start(starts);
        this.#state = 'reading';
        return;
      } catch (error) {
        if (!this.#running()) return;
        this.#parts.logger.warn('kafka.tail.failed', { error: error instanceof Error ? error.message : String(error), failures });
        await delay(backoff(failures, 100, MOST_BACKOFF));
      }
    }
  }

  /** True unless it was started and does not know its positions yet. */
  healthy(): boolean {
    return this.#state !== 'starting';
  }

  stopped(): boolean {
    return this.#state === 'stopped';
  }

  async caughtUp(deadlineMs: number): Promise<void> {
    const end = performance.now() + deadlineMs;
    const ends = await this.#ends(end);
    for (;;) {
      const behind = this.#places.find(({ topic, partition }) => {
        const position = this.reader.positions(topic).get(partition) ?? 0;
        return position < (ends.get(partitionKey(topic, partition)) ?? 0);
      });
      if (!behind) break;
      await this.#wait(end, `${behind.topic}/${behind.partition} was not read to its end`);
    }
    // A position moves when records are taken; they are handed over once their handler is done.
    await Promise.all(this.#places.map(({ topic, partition }) => this.reader.settled(topic, partition)));
  }

  positions(topic: string): ReadonlyMap<number, number> {
    return this.reader.positions(this.#parts.prefix + topic);
  }

  async stop(): Promise<void> {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    await this.reader.stop(STOP_DEADLINE);
    this.#parts.link.abandon();
  }

  #running(): boolean {
    return this.#state !== 'stopped';
  }

  /** Ends as they are now, tried until the deadline: a broker may just be restarting. */
  async #ends(end: number): Promise<Map<string, number>> {
    for (;;) {
      try {
        if (this.#state === 'reading') return await listOffsets(this.#parts.link, this.#places, LATEST);
      } catch (error) {
        this.#parts.logger.warn('kafka.tail.failed', { error: error instanceof Error ? error.message : String(error) });
      }
      await this.#wait(end, 'the ends of its topics were not found');
    }
  }

  async #wait(end: number, what: string): Promise<void> {
    if (this.#state === 'stopped' || performance.now() >= end) {
      throw new TocsinError('DEADLINE_EXCEEDED', 'NOT_CAUGHT_UP', `The reader is not caught up: ${what}.`);
    }
    await delay(CAUGHT_UP_INTERVAL);
  }

  async #startsOf(topic: string, from: Start): Promise<(Place & { offset: number })[]> {
    const { link } = this.#parts;
    const places = await allPartitions(link, [topic]);
    const at = (offsets: Map<string, number>, place: Place) => offsets.get(partitionKey(place.topic, place.partition)) ?? -1;
    if (from === 'end') {
      const ends = await listOffsets(link, places, LATEST);
      return places.map((place) => ({ ...place, offset: at(ends, place) }));
    }
    const lows = await listOffsets(link, places, EARLIEST);
    if (from === 'beginning') return places.map((place) => ({ ...place, offset: at(lows, place) }));
    if ('offsets' in from) return places.map((place) => ({ ...place, offset: from.offsets.get(place.partition) ?? at(lows, place) }));
    const found = await listOffsets(link, places, from.timestamp);
    const ends = await listOffsets(link, places, LATEST);
    return places.map((place) => ({ ...place, offset: at(found, place) >= 0 ? at(found, place) : at(ends, place) }));
  }
}
