import { TOPICS, unpackEnvelope } from '@tocsin/contracts';
import type { Manifest } from '@tocsin/contracts/channels/v1/channels';
import type { KafkaConnection, RecordBatch, TailReader } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';

/** Announced channels are few and re-read at each start, ms. */
const CATCH_UP_DEADLINE_MS = 30_000;
/** How often a wait for an announcement looks again, ms. */
const WAIT_STEP_MS = 50;
/** Unannounced channels remembered at most. */
const MAX_ABSENT = 100;

/** Which channels exist: what they announced themselves, nothing else. */
export class ManifestBook {
  private readonly manifests = new Map<string, Manifest>();
  private readonly tail: TailReader;
  /** Channels nobody announced while somebody waited: the next record that names one waits no more. */
  private readonly absent = new Set<string>();
  private readonly listeners: ((manifest: Manifest) => void)[] = [];

  constructor(
    kafka: KafkaConnection,
    private readonly logger: Logger,
  ) {
    this.tail = kafka.tail({
      name: 'routing-manifests',
      topics: [{ topic: TOPICS.manifests.name, from: 'beginning' }],
      onBatch: (batch) => this.read(batch),
    });
  }

  /** Resolves when every announcement made so far is known. */
  async start(): Promise<void> {
    await this.tail.start();
    await this.tail.caughtUp(CATCH_UP_DEADLINE_MS);
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

  async stop(): Promise<void> {
    await this.tail.stop();
  }

  private async read(batch: RecordBatch): Promise<void> {
    for (const { envelope, key } of batch.records) {
      if (!envelope) {
        this.manifests.delete(key);
        continue;
      }
      const unpacked = unpackEnvelope(envelope);
      if (unpacked.type !== 'tocsin.channels.v1.Manifest') continue;
      const known = this.manifests.has(unpacked.value.channel);
      this.absent.delete(unpacked.value.channel);
      this.manifests.set(unpacked.value.channel, unpacked.value);
      if (known) continue;
      this.logger.info('channel.announced', { channel: unpacked.value.channel, shares: unpacked.value.shares });
      for (const listener of this.listeners) listener(unpacked.value);
    }
  }
}
