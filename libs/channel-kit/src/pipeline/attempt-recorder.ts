import { attemptsTopic, type OutgoingRecord } from '@tocsin/contracts';
import { Lane } from '@tocsin/contracts/common/v1/common';
import type { Attempt } from '@tocsin/contracts/deliveries/v1/attempts';
import type { BatchProducer } from '@tocsin/kafka';
import type { Logger, Tracing } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import { originOf } from '../origin-of.js';
import { attemptRecords } from './attempt-records.js';
import { flushDelayMs } from './flush-delay.js';
import type { HeldItem } from './held-item.js';
import type { OwnRecords } from './own-records.js';

/** ms between two tries when Kafka has not taken attempts for the producer's whole patience; meanwhile the in-doubt cap stops submitting. */
const RETRY_MS = 1_000;

/** ms between two flushes for urgent attempts: the first is written at once, but a whole city in an urgent lane must not cost a request each. */
const URGENT_SPACING_MS = 10;

interface Pending {
  readonly item: HeldItem;
  readonly attempt: Attempt;
}

export interface RecorderDeps {
  readonly channel: string;
  readonly producer: BatchProducer;
  readonly tracing: Tracing;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Told of each record written. */
  readonly own: OwnRecords;
  /** Slices of one flush up to which each has a record of its own. */
  readonly recordsApart: number;
  /** Present drain as part of the rate this instance may use, 0 to 1. */
  load(): number;
  /** Present drain in cost units a second. */
  drain(): number;
  /** Attempts pending at which waiting longer would only hold back submissions: part of what may be in doubt. */
  enough(): number;
  /** Attempts are being written, and in the same turn may be whatever else waits to be. */
  flushing(): void;
  /** Kafka has the attempt of this item. */
  acknowledged(item: HeldItem): void;
}

/** Writes attempts: many in a record, many records in a request, flushed the sooner the faster things go. */
export class AttemptRecorder {
  #pending: Pending[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;
  #immediate: NodeJS.Immediate | undefined;
  #flushedAt = -Infinity;
  #sending = 0;
  #closed = false;

  constructor(private readonly deps: RecorderDeps) {}

  /** Attempts added and not yet acknowledged. */
  get open(): number {
    return this.#pending.length + this.#sending;
  }

  add(item: HeldItem, attempt: Attempt): void {
    this.#pending.push({ item, attempt });
    const urgent = item.lane === Lane.LIFE_SAFETY || item.lane === Lane.URGENT;
    if (this.#pending.length >= this.deps.enough()) this.#within(0);
    else if (urgent) this.#within(this.#flushedAt + URGENT_SPACING_MS - this.deps.clock.monotonic());
    else if (!this.#timer) this.#within(flushDelayMs(this.deps.load(), this.deps.drain()));
  }

  /** Sends what is pending; whenever Kafka acknowledges, `acknowledged` is called for each. */
  flush(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
    this.#timerAt = Infinity;
    if (this.#pending.length === 0) return;
    this.#flushedAt = this.deps.clock.monotonic();
    const batch = this.#pending;
    this.#pending = [];
    this.#sending += batch.length;
    void this.#send(batch);
    this.deps.flushing();
  }

  /** Flushes and waits until everything is acknowledged; answers whether it was in time. */
  async settled(deadlineMs: number): Promise<boolean> {
    this.flush();
    const end = this.deps.clock.monotonic() + deadlineMs;
    while (this.open > 0 && this.deps.clock.monotonic() < end) await new Promise((resolve) => setTimeout(resolve, 5));
    return this.open === 0;
  }

  /** Gives up retrying; what is not acknowledged now will be found in doubt by whoever comes next. */
  close(): void {
    this.flush();
    this.#closed = true;
  }

  /** Flushes after so many ms at the latest. */
  #within(ms: number): void {
    if (ms <= 0) {
      this.#immediate ??= setImmediate(() => this.flush());
      return;
    }
    const at = this.deps.clock.monotonic() + ms;
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.flush(), ms);
  }

  async #send(batch: readonly Pending[]): Promise<void> {
    const origin = originOf(traceparentsOf(batch));
    const records = this.#records(batch, 'links' in origin);
    while (!this.#closed) {
      try {
        await this.deps.tracing.span(
          'channel.record-attempts',
          { kind: 'producer', hot: true, ...origin, attributes: { 'tocsin.channel': this.deps.channel, 'tocsin.attempts': batch.length } },
          () => this.deps.producer.send(records),
        );
        this.#sending -= batch.length;
        for (const pending of batch) this.deps.acknowledged(pending.item);
        return;
      } catch (error) {
        this.deps.logger.error('attempts.not-recorded', { attempts: batch.length, error });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  #records(batch: readonly Pending[], several: boolean): OutgoingRecord[] {
    const slices = bySlice(batch);
    const occurredAt = this.deps.clock.now();
    const told = [...slices].map(([key, { first, attempts }]) => {
      const { campaignId, tenantId, status } = first.frame;
      const value = {
        campaignId,
        tenantId,
        slice: first.slice,
        channel: this.deps.channel,
        attempts,
        lane: first.lane,
        traceparent: several ? first.traceparent : '',
      };
      // Of one trace, the record names the span that sends it; of several, the campaign's own.
      const meta = { tenantId, occurredAt, lane: first.lane, status, traceparent: several ? first.traceparent : '' };
      return { key, value, meta };
    });
    const records = attemptRecords(attemptsTopic(this.deps.channel), told, this.deps.recordsApart);
    for (const { envelope } of records) if (envelope) this.deps.own.wrote(envelope.eventId);
    return records;
  }
}

interface SliceAttempts {
  readonly first: HeldItem;
  readonly attempts: Attempt[];
}

function bySlice(batch: readonly Pending[]): ReadonlyMap<string, SliceAttempts> {
  const slices = new Map<string, SliceAttempts>();
  let [key, last] = ['', undefined as SliceAttempts | undefined];
  for (const { item, attempt } of batch) {
    // Neighbours are mostly of one slice.
    if (last === undefined || item.sliceKey !== key) {
      key = item.sliceKey;
      last = slices.get(key);
      if (!last) slices.set(key, (last = { first: item, attempts: [] }));
    }
    last.attempts.push(attempt);
  }
  return slices;
}

function* traceparentsOf(batch: readonly Pending[]): Generator<string> {
  for (const { item } of batch) yield item.traceparent;
}
