export { connectKafka } from './connect.js';
export { applyKafkaAccess } from './access/apply-access.js';
export type { AccessOutcome } from './access/apply-access.js';
export { listDeadLetters, replayDeadLetters } from './dead-letters.js';
export type { DeadLetterEntry, ReplayOutcome } from './dead-letters.js';
export { murmur2, partitionOf } from './murmur2.js';
export type {
  BatchProducer,
  ClusterCopies,
  GroupConsumer,
  GroupConsumerOptions,
  IncomingRecord,
  KafkaConnection,
  KafkaDeps,
  KafkaMechanism,
  KafkaSecurity,
  KafkaSettings,
  PartitionCopies,
  RecordBatch,
  TailOptions,
  TailReader,
  TopicPartition,
  TopicPartitionOffset,
} from './connection.js';
export { placeCopies } from './place-copies.js';
export type { CopiesPlaced } from './place-copies.js';
export { readManifests } from './read-manifests.js';
export type { ManifestChange, ManifestsReader } from './read-manifests.js';
export { journalOf } from './journal.js';
export type { Journal, JournalRecord } from './journal.js';
