/** Records of one partition as fetched: bytes, topic with prefix. */
export interface RawRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Unix ms. */
  readonly timestamp: number;
}

export interface RawBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly RawRecord[];
  /** Offset after the last record of the partition. */
  readonly highWatermark: number;
}

/** One text for a partition, as a key of maps. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
