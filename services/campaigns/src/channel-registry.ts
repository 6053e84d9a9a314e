import type { Manifest } from '@tocsin/contracts/channels/v1/channels';
import { readManifests, type KafkaConnection, type ManifestsReader } from '@tocsin/kafka';

/** The channels that announced themselves. */
export class ChannelRegistry {
  private readonly manifests = new Map<string, Manifest>();
  private readonly reader: ManifestsReader;

  constructor(kafka: KafkaConnection) {
    this.reader = readManifests(kafka, 'campaigns-manifests', (changes) => {
      for (const { channel, manifest } of changes) {
        if (manifest) this.manifests.set(channel, manifest);
        else this.manifests.delete(channel);
      }
    });
  }

  /** Resolves when every channel announced so far is known. */
  start(): Promise<void> {
    return this.reader.start();
  }

  stop(): Promise<void> {
    return this.reader.stop();
  }

  manifestOf(channel: string): Manifest | undefined {
    return this.manifests.get(channel);
  }
}
