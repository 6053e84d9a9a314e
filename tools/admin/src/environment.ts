import { TocsinError } from '@tocsin/errors';

/** The settings of services that the commands need, from the same variables. */
export interface AdminEnvironment {
  readonly mongoUri: string;
  readonly databasePrefix: string;
  readonly kafkaBrokers: readonly string[];
  readonly topicPrefix: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Throws TocsinError FAILED_PRECONDITION naming the variable that is missing. */
export function storeEnvironment(variables: Variables): Pick<AdminEnvironment, 'mongoUri' | 'databasePrefix'> {
  return {
    mongoUri: required(variables, 'TOCSIN_MONGO_URI', 'mongodb://127.0.0.1:7402'),
    databasePrefix: variables['TOCSIN_DATABASE_PREFIX'] || 'tocsin_',
  };
}

/** Throws TocsinError FAILED_PRECONDITION naming the variable that is missing. */
export function kafkaEnvironment(variables: Variables): Pick<AdminEnvironment, 'kafkaBrokers' | 'topicPrefix'> {
  const brokers = required(variables, 'TOCSIN_KAFKA_BROKERS', '127.0.0.1:7400').split(',');
  return { kafkaBrokers: brokers.map((broker) => broker.trim()), topicPrefix: variables['TOCSIN_TOPIC_PREFIX'] ?? '' };
}

function required(variables: Variables, name: string, example: string): string {
  const value = variables[name]?.trim();
  if (value) return value;
  throw new TocsinError('FAILED_PRECONDITION', 'VARIABLE_MISSING', `Set ${name} as the services have it, e.g. ${name}=${example}.`);
}
