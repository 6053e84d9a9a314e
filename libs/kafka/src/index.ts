export { connectKafka } from './connect.js';
export { listDeadLetters, replayDeadLetters } from './dead-letters.js';
export type { DeadLetterEntry, ReplayOutcome } from './dead-letters.js';
export { murmur2, partitionOf } from './murmur2.js';
export type {
  BatchProducer,
  GroupConsumer,
  GroupConsumerOptions,
  IncomingRecord,
  KafkaConnection,
  KafkaDeps,
  KafkaMechanism,
  KafkaSecurity,
  KafkaSettings,
  RecordBatch,
  TailOptions,
  TailReader,
  TopicPartition,
  TopicPartitionOffset,
} from './connection.js';
export { readManifests } from './read-manifests.js';
export type { ManifestChange, ManifestsReader } from './read-manifests.js';
