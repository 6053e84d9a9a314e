import type { Manifest } from '@tocsin/contracts/channels/v1/channels';
import { readManifests, type KafkaConnection, type ManifestChange, type ManifestsReader } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';

/** How often a wait for an announcement looks again, ms. */
const WAIT_STEP_MS = 50;
/** Unannounced channels remembered at most. */
const MAX_ABSENT = 100;

/** Which channels exist: what they announced themselves, nothing else. */
export class ManifestBook {
  private readonly manifests = new Map<string, Manifest>();
  private readonly reader: ManifestsReader;
  /** Channels nobody announced while somebody waited: the next record that names one waits no more. */
  private readonly absent = new Set<string>();
  private readonly listeners: ((manifest: Manifest) => void)[] = [];

  constructor(
    kafka: KafkaConnection,
    private readonly logger: Logger,
  ) {
    this.reader = readManifests(kafka, 'routing-manifests', (changes) => this.take(changes));
  }

  /** Resolves when every announcement made so far is known. */
  start(): Promise<void> {
    return this.reader.start();
  }

  get(channel: string): Manifest | undefined {
    return this.manifests.get(channel);
  }

  all(): readonly Manifest[] {
    return [...this.manifests.values()];
  }

  /** Called for each announcement that is new to this process, the known ones at once. */
  onAnnounced(listener: (manifest: Manifest) => void): void {
    this.listeners.push(listener);
    for (const manifest of this.manifests.values()) listener(manifest);
  }

  /** undefined when nobody announced the channel within the deadline (ms). */
  async waitFor(channel: string, deadlineMs: number): Promise<Manifest | undefined> {
    for (let waited = 0; waited < deadlineMs && !this.manifests.has(channel) && !this.absent.has(channel); waited += WAIT_STEP_MS) {
      await new Promise((resolve) => setTimeout(resolve, WAIT_STEP_MS));
    }
    const manifest = this.manifests.get(channel);
    if (!manifest && this.absent.size < MAX_ABSENT) this.absent.add(channel);
    return manifest;
  }

  stop(): Promise<void> {
    return this.reader.stop();
  }

  private take(changes: readonly ManifestChange[]): void {
    for (const { channel, manifest } of changes) {
      if (!manifest) {
        this.manifests.delete(channel);
        continue;
      }
      const known = this.manifests.has(channel);
      this.absent.delete(channel);
      this.manifests.set(channel, manifest);
      if (known) continue;
      this.logger.info('channel.announced', { channel, shares: manifest.shares });
      for (const listener of this.listeners) listener(manifest);
    }
  }
}
