import { receiptsTopic, record, sliceKey, unmatchedTopic, type OutgoingRecord } from '@tocsin/contracts';
import { ReceiptState, type Receipt, type UnmatchedReceipt } from '@tocsin/contracts/deliveries/v1/attempts';
import type { BatchProducer } from '@tocsin/kafka';
import type { Tracing } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import type { ProviderReceipt } from '../channel.js';
import type { ReceiptMatch } from '../knowledge/accepted-attempts.js';
import { receiptKeyOf, type Knowledge } from '../knowledge/knowledge.js';
import type { ChannelMetrics } from '../metrics.js';
import { originOf } from '../origin-of.js';
import { PacedTurns } from './paced-turns.js';

/** ms receipts gather before they are written at the latest: nobody waits for them but the provider's own window. */
const GATHER_MS = 60;
/** ms after which they leave with attempts that leave anyway: a request of their own costs us and the broker 1 ms of CPU. */
const ALONG_AFTER_MS = 40;
/** Receipts written at once without waiting longer, where so many come in less: enough for one request, few enough that neither side of the link is busy with them for long. */
const GATHER_MAX = 250;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Slice {
  readonly tenantId: string;
  readonly campaignId: string;
  readonly slice: number;
  readonly traceparent: string;
  readonly receipts: Receipt[];
}

export interface ReceiptDeskDeps {
  readonly channel: string;
  readonly producer: BatchProducer;
  readonly clock: Clock;
  readonly knowledge: Knowledge;
  readonly metrics: ChannelMetrics;
  readonly tracing: Tracing;
  /** Receipts taken a second at most: those beyond wait, and with them their provider. */
  readonly ratePerSecond: number;
}

/** Matches what providers report to deliveries and writes it; what matches nothing yet is kept in a topic until its attempt appears. */
export class ReceiptDesk {
  #slices = new Map<string, Slice>();
  #unmatched: OutgoingRecord[] = [];
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Monotonic ms at which the first of those that gather came. */
  #since = 0;
  readonly #turns: PacedTurns;

  constructor(private readonly deps: ReceiptDeskDeps) {
    this.#turns = new PacedTurns(deps.ratePerSecond, deps.clock);
  }

  /** Receipts whose turn has not come. */
  get waiting(): number {
    return this.#turns.waiting;
  }

  /** Resolves when Kafka has it: only then may the provider be answered. Rejects when it is to send it again. */
  take(provider: string, receipt: ProviderReceipt): Promise<void> {
    const turn = this.#turns.next();
    return turn === undefined ? this.#take(provider, receipt) : turn.then(() => this.#take(provider, receipt));
  }

  /** What has gathered is written, the rest is left to the provider. */
  async close(): Promise<void> {
    this.#turns.close();
    await this.flush();
  }

  #take(provider: string, receipt: ProviderReceipt): Promise<void> {
    const { knowledge, metrics } = this.deps;
    const receiptKey = receiptKeyOf(provider, receipt.providerId);
    const match = knowledge.accepted.match(receiptKey);
    metrics.receipts.add({ match: match ? 'matched' : 'unmatched' });
    const facts = { state: stateOf(receipt.state), reason: receipt.reason, providerCode: receipt.code, occurredAt: receipt.occurredAt };
    if (match) {
      if (!speaks(match, facts.state)) return Promise.resolve();
      this.#add(match, { ...facts, index: match.index, n: match.n, ofPart: !match.lastPart });
    } else {
      const { channel } = this.deps;
      const value = { channel, provider, providerId: receipt.providerId, receipt: { ...facts, index: 0, n: 0, ofPart: false } };
      const meta = { tenantId: '', occurredAt: this.deps.clock.now() };
      this.#unmatched.push(record(unmatchedTopic(channel), receiptKey, 'tocsin.deliveries.v1.UnmatchedReceipt', value, meta));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#waiting.length >= GATHER_MAX) void this.flush();
      else this.#gather();
    });
  }

  /** One read from the unmatched topic, by any instance: matched now, or kept until its attempt appears. */
  unmatched(receipt: UnmatchedReceipt): void {
    const receiptKey = receiptKeyOf(receipt.provider, receipt.providerId);
    this.deps.knowledge.unmatched.add(receiptKey, receipt);
    if (this.deps.knowledge.accepted.match(receiptKey)) this.awaited(receiptKey);
  }

  /** The attempt of these receipts has appeared. */
  awaited(receiptKey: string): void {
    const match = this.deps.knowledge.accepted.match(receiptKey);
    if (!match) return;
    for (const { receipt } of this.deps.knowledge.unmatched.take(receiptKey)) {
      if (!receipt || !speaks(match, receipt.state)) continue;
      this.deps.metrics.receipts.add({ match: 'late' });
      this.#add(match, { ...receipt, index: match.index, n: match.n, ofPart: !match.lastPart });
      this.#gather();
    }
  }

  /** Attempts are being written: what has gathered for a while goes with them. */
  flushAlong(): void {
    if (this.#timer && this.deps.clock.monotonic() - this.#since >= ALONG_AFTER_MS) void this.flush();
  }

  /** Writes what has gathered; resolves when Kafka has it or has refused it, and never rejects: those who wait are told one by one. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { channel, clock, producer, tracing } = this.deps;
    const records = this.#unmatched;
    const origin = originOf([...this.#slices.values()].map((slice) => slice.traceparent));
    for (const [key, { traceparent, ...slice }] of this.#slices) {
      // Of one trace, the record names the span that sends it; of several, the campaign's own.
      const meta = { tenantId: slice.tenantId, occurredAt: clock.now(), traceparent: 'links' in origin ? traceparent : '' };
      records.push(record(receiptsTopic(channel), key, 'tocsin.deliveries.v1.ReceiptRecord', { ...slice, channel }, meta));
    }
    const waiting = this.#waiting;
    this.#slices = new Map();
    this.#unmatched = [];
    this.#waiting = [];
    if (records.length === 0) return;
    try {
      await tracing.span(
        'channel.record-receipts',
        { kind: 'producer', hot: true, ...origin, attributes: { 'tocsin.channel': channel, 'tocsin.receipts': waiting.length } },
        () => producer.send(records),
      );
      for (const waiter of waiting) waiter.resolve();
    } catch (error) {
      for (const waiter of waiting) waiter.reject(error);
    }
  }

  #gather(): void {
    if (this.#timer) return;
    this.#since = this.deps.clock.monotonic();
    this.#timer = setTimeout(() => void this.flush(), GATHER_MS);
  }

  #add(match: ReceiptMatch, receipt: Receipt): void {
    const key = sliceKey(match.campaignId, match.slice);
    const known = this.#slices.get(key);
    if (known) known.receipts.push(receipt);
    else {
      const { tenantId, campaignId, slice, traceparent = '' } = match;
      this.#slices.set(key, { tenantId, campaignId, slice, traceparent, receipts: [receipt] });
    }
  }
}

/** Of a message in parts the last one's delivery counts, and a failure of any: the ledger lets that outweigh the delivery. */
function speaks(match: ReceiptMatch, state: ReceiptState): boolean {
  return match.lastPart || state === ReceiptState.FAILED || state === ReceiptState.EXPIRED;
}

function stateOf(state: ProviderReceipt['state']): ReceiptState {
  switch (state) {
    case 'delivered':
      return ReceiptState.DELIVERED;
    case 'failed':
      return ReceiptState.FAILED;
    case 'expired':
      return ReceiptState.EXPIRED;
    case 'pending':
      return ReceiptState.PENDING;
  }
}
