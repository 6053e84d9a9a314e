import { TocsinError } from '@tocsin/errors';
import { readLinks, type KafkaLink, type StoreLink } from '@tocsin/service-kit';

/** Where the documents are, from the variables of the services. */
export interface StoreEnvironment {
  readonly store: StoreLink;
  readonly databasePrefix: string;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** Throws TocsinError FAILED_PRECONDITION naming the variable that is missing. */
export function storeEnvironment(variables: Variables): StoreEnvironment {
  return {
    store: { uri: required(variables, 'TOCSIN_MONGO_URI', 'mongodb://127.0.0.1:7402'), security: readLinks(variables).mongo },
    databasePrefix: variables['TOCSIN_DATABASE_PREFIX'] || 'tocsin_',
  };
}

/** Throws TocsinError FAILED_PRECONDITION naming the variable that is missing. */
export function kafkaEnvironment(variables: Variables): KafkaLink {
  const brokers = required(variables, 'TOCSIN_KAFKA_BROKERS', '127.0.0.1:7400').split(',');
  return {
    brokers: brokers.map((broker) => broker.trim()),
    prefix: topicPrefix(variables),
    security: readLinks(variables).kafka,
  };
}

/** Put before every topic and group name. */
export function topicPrefix(variables: Variables): string {
  return variables['TOCSIN_TOPIC_PREFIX'] ?? '';
}

/** File with the platform key. Throws TocsinError FAILED_PRECONDITION naming the variable that is missing. */
export function keyFileOf(variables: Variables): string {
  return required(variables, 'TOCSIN_KEY_FILE', '/etc/tocsin/platform.key');
}

function required(variables: Variables, name: string, example: string): string {
  const value = variables[name]?.trim();
  if (value) return value;
  throw new TocsinError('FAILED_PRECONDITION', 'VARIABLE_MISSING', `Set ${name} as the services have it, e.g. ${name}=${example}.`);
}
