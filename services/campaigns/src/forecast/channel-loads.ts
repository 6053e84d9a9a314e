import { ControlBook, TOPICS, unpackEnvelope } from '@tocsin/contracts';
import type { ChannelBacklog } from '@tocsin/contracts/routing/v1/backlogs';
import type { KafkaConnection, RecordBatch, TailReader } from '@tocsin/kafka';

/** How far back a start reads, ms: every channel says where it stands at least every 10 s. */
const READ_BACK_MS = 60_000;
/** ms to read that at start. */
const CATCH_UP = 30_000;
/** A few records a second and channel: a rest costs nobody anything, ms. */
const REST_MS = 100;
/** A channel that says it has no provider had one this short a while ago: a report that came late, more likely than an outage, ms. */
const FLAP_MS = 30_000;
/** Channels remembered at most. */
const MAX_CHANNELS = 256;

/** What each channel's scheduler last said it has to do, and what operators hold. */
export class ChannelLoads {
  private readonly loads = new Map<string, { readonly epoch: number; readonly backlog: ChannelBacklog; readonly ratedAt: number }>();
  readonly controls = new ControlBook();
  private readonly tail: TailReader;

  constructor(
    kafka: KafkaConnection,
    now: number,
    private readonly heard: (backlog: ChannelBacklog) => void,
  ) {
    this.tail = kafka.tail({
      name: 'campaigns-backlogs',
      // What operators hold stands beside it: a reader of its own would cost as much.
      topics: [
        { topic: TOPICS.backlogs.name, from: { timestamp: now - READ_BACK_MS } },
        { topic: TOPICS.operatorControls.name, from: 'beginning' },
      ],
      restMs: REST_MS,
      onBatch: (batch) => this.read(batch),
    });
  }

  /** Resolves when what was said lately is known. */
  async start(): Promise<void> {
    await this.tail.start();
    await this.tail.caughtUp(CATCH_UP);
  }

  stop(): Promise<void> {
    return this.tail.stop();
  }

  of(channel: string): ChannelBacklog | undefined {
    return this.loads.get(channel)?.backlog;
  }

  private read(batch: RecordBatch): Promise<void> {
    for (const { envelope, key } of batch.records) {
      const unpacked = envelope && unpackEnvelope(envelope);
      if (unpacked?.type === 'tocsin.tenants.v1.OperatorControl') this.controls.apply(unpacked.value, envelope?.epoch ?? 0);
      if (unpacked?.type !== 'tocsin.routing.v1.ChannelBacklog') continue;
      // An owner that lost the channel may say something once more.
      const known = this.loads.get(key);
      if (known && envelope && known.epoch > envelope.epoch) continue;
      if (!known && this.loads.size >= MAX_CHANNELS) continue;
      const { value } = unpacked;
      const flaps = known !== undefined && value.rate <= 0 && value.at - known.ratedAt < FLAP_MS;
      const backlog = flaps ? { ...value, rate: known.backlog.rate } : value;
      const ratedAt = value.rate > 0 ? value.at : (known?.ratedAt ?? -Infinity);
      this.loads.set(key, { epoch: envelope?.epoch ?? 0, backlog, ratedAt });
      this.heard(backlog);
    }
    return Promise.resolve();
  }
}
