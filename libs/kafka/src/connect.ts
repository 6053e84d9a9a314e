import type { KafkaConnection, KafkaDeps, KafkaSettings } from './connection.js';

/** One connection a process; producers and consumers made from it survive a frozen or lost broker. */
export function connectKafka(settings: KafkaSettings, deps: KafkaDeps): KafkaConnection {
  void deps;
  throw new Error(`not built yet: ${settings.clientId}`);
}
