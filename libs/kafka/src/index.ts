export { connectKafka } from './connect.js';
export type {
  BatchProducer,
  GroupConsumer,
  GroupConsumerOptions,
  IncomingRecord,
  KafkaConnection,
  KafkaDeps,
  KafkaSettings,
  RecordBatch,
  TailOptions,
  TailReader,
  TopicPartition,
  TopicPartitionOffset,
} from './connection.js';
