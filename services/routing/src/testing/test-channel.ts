import {
  TOPICS,
  attemptsTopic,
  channelTopicSpecs,
  grantedTopics,
  grantsOf,
  record,
  sliceKey,
  unpackEnvelope,
  type OutgoingRecord,
} from '@tocsin/contracts';
import { Attempt, AttemptRecord, Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { Capacity, Manifest } from '@tocsin/contracts/channels/v1/channels';
import type { KafkaConnection, RecordBatch, TailReader } from '@tocsin/kafka';

/** An item as a channel was granted it. */
export interface Granted {
  readonly campaignId: string;
  readonly tenantId: string;
  readonly slice: number;
  readonly index: number;
  readonly n: number;
  readonly tag: number;
  readonly lane: number;
  readonly share: number;
  readonly box: string;
  readonly cost: number;
  readonly epoch: number;
}

const SHARES = 4;
const TICK_MS = 20;

/** A channel reduced to what a scheduler needs of one: reports its shares, orders its window by lane and tag, submits at its rate, answers attempts. */
export class TestChannel {
  /** Everything granted that no fence voids, in the order read. */
  readonly granted: Granted[] = [];
  readonly submitted: Granted[] = [];
  /** Records read that granted to several campaigns. */
  bundles = 0;
  /** Outcome of an item, accepted unless a test says otherwise. */
  outcomeOf: (item: Granted) => Outcome = () => Outcome.ACCEPTED;
  rate: number;
  private readonly held: Granted[] = [];
  private readonly fences = new Map<string, number>();
  private readonly tail: TailReader;
  private readonly timers: NodeJS.Timeout[] = [];
  private budget = 0;
  private sending: Promise<void> = Promise.resolve();

  constructor(
    readonly channel: string,
    private readonly kafka: KafkaConnection,
    rate: number,
    /** Units a second its manifest tells; undefined = it names no route. */
    private readonly announcedRate?: number,
  ) {
    this.rate = rate;
    this.tail = kafka.tail({
      name: `test-channel-${channel}`,
      topics: grantedTopics(channel).map((topic) => ({ topic, from: 'beginning' as const })),
      onBatch: (batch) => this.read(batch),
    });
  }

  async start(): Promise<void> {
    await this.kafka.ensureTopics([TOPICS.manifests, TOPICS.capacity, ...channelTopicSpecs(this.channel, SHARES)]);
    const routes =
      this.announcedRate === undefined ? [] : [{ routeId: 'r', provider: 'test', ratePerSecond: this.announcedRate, binds: 1 }];
    const manifest = Manifest.fromPartial({ channel: this.channel, addressKinds: ['mobile'], costUnit: 'segment', shares: SHARES, routes });
    await this.send([record(TOPICS.manifests.name, this.channel, 'tocsin.channels.v1.Manifest', manifest, this.meta(''))]);
    await this.tail.start();
    await this.report();
    this.timers.push(
      setInterval(() => void this.report().catch(() => undefined), 1_000),
      setInterval(() => {
        this.sending = this.sending.then(() => this.submit()).catch(() => undefined);
      }, TICK_MS),
    );
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.sending;
    await this.tail.stop();
  }

  private async report(): Promise<void> {
    const capacity = Capacity.fromPartial({
      channel: this.channel,
      instanceId: `test-${this.channel}`,
      shares: [0, 1, 2, 3],
      routes: [{ routeId: 'r', bound: true, ratePerSecond: this.rate }],
      roundTrip: 20,
      reportedAt: Date.now(),
    });
    await this.send([record(TOPICS.capacity.name, this.channel, 'tocsin.channels.v1.Capacity', capacity, this.meta(''))]);
  }

  private read(batch: RecordBatch): Promise<void> {
    const place = `${batch.topic}/${batch.partition}`;
    const lane = 1 + grantedTopics(this.channel).indexOf(batch.topic);
    for (const { envelope } of batch.records) {
      if (!envelope) continue;
      const unpacked = unpackEnvelope(envelope);
      if (unpacked.type === 'tocsin.routing.v1.Fence') this.fences.set(place, Math.max(this.fences.get(place) ?? 0, unpacked.value.epoch));
      if (envelope.epoch < (this.fences.get(place) ?? 0)) continue;
      if (unpacked.type === 'tocsin.routing.v1.GrantBundle') this.bundles++;
      const granted = grantsOf(unpacked).flatMap(({ frame, items }) => items.map((one) => ({ ...one, frame })));
      for (const { slice, item, tag, frame } of granted) {
        if (!frame || !item) continue;
        const held = {
          campaignId: frame.campaignId,
          tenantId: frame.tenantId,
          slice,
          index: item.index,
          n: item.n,
          tag,
          lane,
          share: batch.partition,
          box: item.box.toString(),
          cost: item.cost,
          epoch: envelope.epoch,
        };
        this.granted.push(held);
        this.held.push(held);
      }
    }
    return Promise.resolve();
  }

  private async submit(): Promise<void> {
    this.budget = Math.min(this.budget + (this.rate * TICK_MS) / 1_000, Math.max(1, this.rate / 20));
    this.held.sort((a, b) => a.lane - b.lane || a.tag - b.tag);
    const now = this.held.splice(0, Math.floor(this.budget));
    this.budget -= now.length;
    this.submitted.push(...now);
    if (now.length > 0) await this.send(now.map((item) => this.attempt(item)));
  }

  private attempt(item: Granted): OutgoingRecord {
    const outcome = this.outcomeOf(item);
    const { campaignId, tenantId, slice, index, n, tag, cost, share } = item;
    const attempt = Attempt.fromPartial({ index, n, outcome, tag, cost, share, submittedAt: Date.now(), answeredAt: Date.now() });
    const value = AttemptRecord.fromPartial({ campaignId, tenantId, slice, channel: this.channel, attempts: [attempt] });
    const key = sliceKey(campaignId, slice);
    return record(attemptsTopic(this.channel), key, 'tocsin.deliveries.v1.AttemptRecord', value, this.meta(tenantId));
  }

  private send(records: readonly OutgoingRecord[]): Promise<void> {
    return this.kafka.producer().send(records);
  }

  private meta(tenantId: string): { tenantId: string; occurredAt: number } {
    return { tenantId, occurredAt: Date.now() };
  }
}
