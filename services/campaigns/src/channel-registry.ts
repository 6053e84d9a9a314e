import { TOPICS, unpackEnvelope } from '@tocsin/contracts';
import type { Manifest } from '@tocsin/contracts/channels/v1/channels';
import type { KafkaConnection, RecordBatch, TailReader } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';

/** ms to read every manifest at start: a handful of compacted records. */
const CATCH_UP = 30_000;

/** The channels that announced themselves. */
export class ChannelRegistry {
  private readonly manifests = new Map<string, Manifest>();
  private readonly reader: TailReader;

  constructor(
    kafka: KafkaConnection,
    private readonly logger: Logger,
  ) {
    this.reader = kafka.tail({
      name: 'campaigns-manifests',
      topics: [{ topic: TOPICS.manifests.name, from: 'beginning' }],
      onBatch: (batch) => this.batch(batch),
    });
  }

  /** Resolves when every channel announced so far is known. */
  async start(): Promise<void> {
    await this.reader.start();
    await this.reader.caughtUp(CATCH_UP);
  }

  stop(): Promise<void> {
    return this.reader.stop();
  }

  manifestOf(channel: string): Manifest | undefined {
    return this.manifests.get(channel);
  }

  private async batch(batch: RecordBatch): Promise<void> {
    for (const { envelope, key, offset } of batch.records) {
      // A tombstone takes a channel out of use.
      if (!envelope) this.manifests.delete(key);
      else {
        try {
          const { type, value } = unpackEnvelope(envelope);
          if (type === 'tocsin.channels.v1.Manifest') this.manifests.set(value.channel, value);
        } catch {
          this.logger.warn('campaigns.manifest_refused', { channel: key, offset });
        }
      }
    }
  }
}
