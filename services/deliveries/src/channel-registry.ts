import { acknowledgementsTopic, attemptsTopic, channelTopicSpecs, receiptsTopic, TOPICS, unpackEnvelope } from '@tocsin/contracts';
import type { Manifest } from '@tocsin/contracts/channels/v1/channels';
import type { KafkaConnection, RecordBatch, TailReader } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import { type ChannelRules, rulesOfManifest, UNKNOWN_CHANNEL } from './core/rules.js';

/** ms to read every manifest at start: a handful of compacted records. */
const CATCH_UP = 30_000;

export interface ChannelRegistryDeps {
  readonly kafka: KafkaConnection;
  readonly logger: Logger;
  /** A channel was announced that was not known before; not awaited while the registry starts. */
  onNewChannel(): Promise<void>;
}

/** The channels that announced themselves, with their rules and topics. */
export class ChannelRegistry {
  private readonly channels = new Map<string, ChannelRules>();
  private readonly reader: TailReader;
  private started = false;
  private joining: Promise<void> = Promise.resolve();

  constructor(private readonly deps: ChannelRegistryDeps) {
    this.reader = deps.kafka.tail({
      name: 'deliveries-manifests',
      topics: [{ topic: TOPICS.manifests.name, from: 'beginning' }],
      onBatch: (batch) => this.batch(batch),
    });
  }

  /** Resolves when every channel announced so far is known. */
  async start(): Promise<void> {
    await this.reader.start();
    await this.reader.caughtUp(CATCH_UP);
    this.started = true;
  }

  stop(): Promise<void> {
    return this.reader.stop();
  }

  rulesOf(channel: string): ChannelRules {
    return this.channels.get(channel) ?? UNKNOWN_CHANNEL;
  }

  /** Every topic of the ledger's group. */
  topics(): string[] {
    const own = [...this.channels.keys()].sort();
    return [
      TOPICS.planned.name,
      ...own.flatMap((channel) => [attemptsTopic(channel), receiptsTopic(channel), acknowledgementsTopic(channel)]),
    ];
  }

  private async batch(batch: RecordBatch): Promise<void> {
    let found = false;
    for (const { envelope } of batch.records) {
      const manifest = envelope && readManifest(envelope);
      if (!manifest) continue;
      if (!this.channels.has(manifest.channel)) {
        // The channel makes its topics too; whoever comes first does.
        await this.deps.kafka.ensureTopics(channelTopicSpecs(manifest.channel, manifest.shares));
        this.deps.logger.info('ledger.channel_found', { channel: manifest.channel });
        found = true;
      }
      this.channels.set(manifest.channel, rulesOfManifest(manifest));
    }
    // Not awaited: a re-join takes seconds and manifests of further channels may come meanwhile.
    if (found && this.started) {
      this.joining = this.joining
        .then(() => this.deps.onNewChannel())
        .catch((error: unknown) => this.deps.logger.error('ledger.subscribe_failed', { error: String(error) }));
    }
  }
}

function readManifest(envelope: Parameters<typeof unpackEnvelope>[0]): Manifest | null {
  try {
    const { type, value } = unpackEnvelope(envelope);
    return type === 'tocsin.channels.v1.Manifest' && value.channel !== '' ? value : null;
  } catch {
    return null;
  }
}
