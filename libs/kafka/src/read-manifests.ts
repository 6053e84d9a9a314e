import { TOPICS, unpackEnvelope } from '@tocsin/contracts';
import type { Manifest } from '@tocsin/contracts/channels/v1/channels';
import type { KafkaConnection, RecordBatch } from './connection.js';

/** ms to read every announcement at start: a handful of compacted records. */
const CATCH_UP = 30_000;

/** What one record of channel.manifests.v1 says: a channel describes itself, or (null) goes out of use. */
export interface ManifestChange {
  readonly channel: string;
  readonly manifest: Manifest | null;
}

export interface ManifestsReader {
  /** Resolves when every channel announced so far has been handed over. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Hands over which channels exist, as they announced themselves, and every change; a damaged record is counted, logged and passed over by the tail. */
export function readManifests(
  kafka: KafkaConnection,
  name: string,
  onChanges: (changes: readonly ManifestChange[]) => Promise<void> | void,
): ManifestsReader {
  const tail = kafka.tail({
    name,
    topics: [{ topic: TOPICS.manifests.name, from: 'beginning' }],
    onBatch: async (batch) => await onChanges(changesOf(batch)),
  });
  return {
    start: async () => {
      await tail.start();
      await tail.caughtUp(CATCH_UP);
    },
    stop: () => tail.stop(),
  };
}

function changesOf(batch: RecordBatch): ManifestChange[] {
  return batch.records.flatMap(({ envelope, key }): ManifestChange[] => {
    if (!envelope) return [{ channel: key, manifest: null }];
    const { type, value } = unpackEnvelope(envelope);
    return type === 'tocsin.channels.v1.Manifest' ? [{ channel: value.channel, manifest: value }] : [];
  });
}
