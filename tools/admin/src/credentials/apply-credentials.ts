import { accessRules } from '@tocsin/contracts';
import { applyKafkaAccess, type KafkaConnection } from '@tocsin/kafka';
import { applyStoreUsers, type StoreAddress } from '@tocsin/mongo';
import { credentialFiles, readPassword, type CredentialOptions } from '@tocsin/sealing/credentials';

/** Tells Kafka every password of the folder, and what each user may do; repeating it changes nothing but the passwords' salt. */
export async function applyToKafka(
  connection: KafkaConnection,
  options: CredentialOptions,
  channels: readonly string[],
  prefix: string,
): Promise<readonly string[]> {
  const users = options.names.filter((name) => name !== 'kafka' && name !== 'store');
  const passwords = new Map(users.map((user) => [user, readPassword(credentialFiles(options.dir, user).kafkaPassword)]));
  const outcome = await applyKafkaAccess(connection, passwords, accessRules(channels, prefix));
  return [`Kafka: ${outcome.passwords} passwords set, ${outcome.allowed} rights given, ${outcome.withdrawn} withdrawn.`];
}

/** Tells MongoDB the same of its users, each with its own database. */
export async function applyToStore(address: StoreAddress, options: CredentialOptions): Promise<readonly string[]> {
  const users = [...options.databases]
    .filter(([, database]) => database !== '*')
    .map(([user, database]) => ({ user, database, password: readPassword(credentialFiles(options.dir, user).storePassword) }));
  await applyStoreUsers(address, users);
  return [`Document store: ${users.length} users.`];
}
