import { acknowledgementsTopic, attemptsTopic, channelTopicSpecs, topicsOf, receiptsTopic, TOPICS } from '@tocsin/contracts';
import { readManifests, type KafkaConnection, type ManifestChange, type ManifestsReader } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import { type ChannelRules, rulesOfManifest, UNKNOWN_CHANNEL } from './core/rules.js';

export interface ChannelRegistryDeps {
  readonly kafka: KafkaConnection;
  readonly logger: Logger;
  /** A channel was announced that was not known before; not awaited while the registry starts. */
  onNewChannel(): Promise<void>;
}

/** The channels that announced themselves, with their rules and topics. */
export class ChannelRegistry {
  private readonly channels = new Map<string, ChannelRules>();
  private readonly reader: ManifestsReader;
  private started = false;
  private joining: Promise<void> = Promise.resolve();

  constructor(private readonly deps: ChannelRegistryDeps) {
    this.reader = readManifests(deps.kafka, 'deliveries-manifests', (changes) => this.take(changes));
  }

  /** Resolves when every channel announced so far is known. */
  async start(): Promise<void> {
    await this.reader.start();
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

  private async take(changes: readonly ManifestChange[]): Promise<void> {
    let found = false;
    for (const { manifest } of changes) {
      // A channel out of use keeps its rules: what it took is still on its way.
      if (!manifest || manifest.channel === '') continue;
      if (!this.channels.has(manifest.channel)) {
        // The channel makes its topics too; whoever comes first does.
        await this.deps.kafka.ensureTopics(topicsOf('deliveries', channelTopicSpecs(manifest.channel, manifest.shares)));
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
