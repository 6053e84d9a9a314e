import { connectKafka, type KafkaConnection } from '@tocsin/kafka';
import { connectMongo, type MongoConnection } from '@tocsin/mongo';
import { createObservability, type Observability } from '@tocsin/observability';
import { kafkaEnvironment, storeEnvironment, type Variables } from './environment.js';

/** Milliseconds a connection gets to close. */
const CLOSE_MS = 5_000;

/** A command says what it does on the terminal, and logs errors alone. */
export function quiet(): Observability {
  return createObservability({ service: 'admin', instanceId: `admin-${process.pid}`, logLevel: 'error' });
}

/** Opens the database of a service, without its prefix, and closes it. */
export async function withStore<T>(
  variables: Variables,
  work: (connection: MongoConnection) => Promise<T>,
  database = 'tenants',
): Promise<T> {
  const { store, databasePrefix } = storeEnvironment(variables);
  const connection = await connectMongo(store, `${databasePrefix}${database}`, quiet());
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** A command has nobody to restart it: what Kafka cannot mend ends it. */
function endCommand(reason: string, error: unknown): void {
  process.stderr.write(`tocsin-admin: ${reason}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

export async function withKafka<T>(variables: Variables, work: (connection: KafkaConnection) => Promise<T>): Promise<T> {
  const connection = connectKafka({ ...kafkaEnvironment(variables), clientId: `admin-${process.pid}` }, { ...quiet(), fail: endCommand });
  try {
    return await work(connection);
  } finally {
    await connection.close(CLOSE_MS);
  }
}
