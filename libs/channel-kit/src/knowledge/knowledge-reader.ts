import { TOPICS, attemptRecordsOf, attemptsTopic, unmatchedTopic, unpackEnvelope } from '@tocsin/contracts';
import { OperatorControl } from '@tocsin/contracts/tenants/v1/operations_service';
import { Capacity } from '@tocsin/contracts/channels/v1/channels';
import { CampaignStop } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { UnmatchedReceipt } from '@tocsin/contracts/deliveries/v1/attempts';
import type { IncomingRecord, KafkaConnection, RecordBatch, TailReader } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import type { OwnRecords } from '../pipeline/own-records.js';
import type { Knowledge } from './knowledge.js';

/** ms: attempts are read from this long before they are needed, for brokers whose clocks differ. */
const HISTORY_MARGIN_MS = 60_000;
/** ms one reading of older attempts may take; then it is tried again. */
const HISTORY_DEADLINE_MS = 60_000;

const HISTORY_RETRY_MS = 1_000;
/** ms between fetches: what others did is needed within a second (a stop) or seconds (their receipts), and every fetch costs the broker. */
const REST_MS = 100;

export interface KnowledgeReaderDeps {
  readonly channel: string;
  readonly kafka: KafkaConnection;
  readonly logger: Logger;
  readonly knowledge: Knowledge;
  readonly own: OwnRecords;
  /** Unix ms from which attempts are read at start: now - the longest wait for a receipt. */
  readonly attemptsSince: number;
  /** An agent stopped or paused this campaign. */
  stopped(campaignId: string): void;
  /** Operators hold, slow or let go on something. */
  controlled(): void;
  unmatched(receipt: UnmatchedReceipt): void;
  /** What an instance of this channel reported, this one included. */
  capacity(capacity: Capacity): void;
}

/** Reads what every instance must know whole: suppressions, campaign stops, operators' controls, the channel's attempts and its unmatched receipts. */
export class KnowledgeReader {
  readonly #tail: TailReader;
  readonly #attempts: string;
  readonly #unmatched: string;
  #historySince: number;
  #lengthening: Promise<void> | undefined;

  constructor(private readonly deps: KnowledgeReaderDeps) {
    this.#attempts = attemptsTopic(deps.channel);
    this.#unmatched = unmatchedTopic(deps.channel);
    this.#historySince = deps.attemptsSince - HISTORY_MARGIN_MS;
    this.#tail = deps.kafka.tail({
      name: `channel-${deps.channel}`,
      restMs: REST_MS,
      topics: [
        { topic: TOPICS.suppressions.name, from: 'beginning' },
        // Kept 7 days, longer than any campaign runs.
        { topic: TOPICS.campaignStops.name, from: 'beginning' },
        { topic: TOPICS.operatorControls.name, from: 'beginning' },
        { topic: this.#attempts, from: { timestamp: this.#historySince } },
        { topic: this.#unmatched, from: 'beginning' },
        { topic: TOPICS.capacity.name, from: 'end' },
      ],
      onBatch: (batch) => this.#read(batch),
    });
  }

  start(): Promise<void> {
    return this.#tail.start();
  }

  caughtUp(deadlineMs: number): Promise<void> {
    return this.#tail.caughtUp(deadlineMs);
  }

  stop(): Promise<void> {
    return this.#tail.stop();
  }

  /** A grant read again is older than what was read of attempts (the channel stood still for long): reads the attempts since then, once. */
  async attemptsSince(timestamp: number): Promise<void> {
    while (timestamp - HISTORY_MARGIN_MS < this.#historySince) {
      this.#lengthening ??= this.#lengthen(timestamp - HISTORY_MARGIN_MS).finally(() => (this.#lengthening = undefined));
      try {
        await this.#lengthening;
      } catch (error) {
        this.deps.logger.warn('knowledge.history-failed', { error });
        await new Promise((resolve) => setTimeout(resolve, HISTORY_RETRY_MS));
      }
    }
  }

  async #lengthen(since: number): Promise<void> {
    const { kafka, logger, channel } = this.deps;
    logger.info('knowledge.history-reading', { since });
    const topics = [{ topic: this.#attempts, from: { timestamp: since } }];
    const tail = kafka.tail({ name: `channel-${channel}-history`, topics, onBatch: (batch) => this.#read(batch) });
    await tail.start();
    try {
      await tail.caughtUp(HISTORY_DEADLINE_MS);
      this.#historySince = since;
    } finally {
      await tail.stop();
    }
  }

  #read(batch: RecordBatch): Promise<void> {
    for (const record of batch.records) {
      try {
        this.#apply(record);
      } catch (error) {
        const { topic, partition, offset } = record;
        this.deps.logger.error('knowledge.record-refused', { topic, partition, offset, error });
      }
    }
    return Promise.resolve();
  }

  #apply(record: IncomingRecord): void {
    const { knowledge } = this.deps;
    if (record.topic === TOPICS.suppressions.name) return knowledge.suppressions.apply(record);
    if (record.envelope === null) return;
    const payload = record.envelope.payload;
    switch (record.topic) {
      case this.#attempts:
        if (this.deps.own.has(record.envelope.eventId)) return;
        for (const attempts of attemptRecordsOf(unpackEnvelope(record.envelope))) knowledge.learn(attempts, record.envelope.traceparent);
        return;
      case this.#unmatched:
        return this.deps.unmatched(UnmatchedReceipt.decode(payload));
      case TOPICS.capacity.name:
        if (record.key === this.deps.channel) this.deps.capacity(Capacity.decode(payload));
        return;
      case TOPICS.operatorControls.name:
        if (knowledge.controls.apply(OperatorControl.decode(payload), record.envelope.epoch)) this.deps.controlled();
        return;
      case TOPICS.campaignStops.name: {
        const stop = CampaignStop.decode(payload);
        if (knowledge.stops.apply(stop)) this.deps.stopped(stop.campaignId);
        return;
      }
    }
  }
}
