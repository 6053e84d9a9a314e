import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DATABASE_OWNERS, KAFKA_USERS, accessRules } from '@tocsin/contracts';
import { applyKafkaAccess, connectKafka, type AccessOutcome, type KafkaSecurity } from '@tocsin/kafka';
import type { StoreSecurity } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import { credentialFiles, makeCredentials, readPassword, type CredentialOptions } from '@tocsin/sealing/credentials';
import { failTest } from './fail-test.js';
import { startEmbeddedGround } from './ground/embedded-ground.js';
import { freePorts } from './process/free-ports.js';
import { repositoryRoot } from './repository-root.js';

const CLOSE_MS = 5_000;

/** Kafka and the document store with every link closed, on free ports and in a folder of their own, for one test file. */
export interface ClosedGround {
  /** Folder of credentials. */
  readonly dir: string;
  readonly options: CredentialOptions;
  readonly brokers: readonly string[];
  /** For the administrator, by certificate. */
  readonly internalBrokers: readonly string[];
  readonly mongoUri: string;
  readonly ports: { readonly kafka: number; readonly internal: number; readonly controller: number; readonly store: number };
  kafkaSecurity(user: string): KafkaSecurity;
  storeSecurity(user: string): StoreSecurity;
  /** Tells Kafka the passwords and rights as the folder has them now. */
  applyAccess(): Promise<AccessOutcome>;
  stop(): Promise<void>;
}

/** Databases are called with this prefix, topics and groups without one. */
export async function startClosedGround(channels: readonly string[], databasePrefix: string): Promise<ClosedGround> {
  const root = repositoryRoot();
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-closed-'));
  const dir = join(folder, 'credentials');
  const users = [...KAFKA_USERS, ...channels.map((channel) => `channel-${channel}`), 'admin'];
  const databases = new Map([...DATABASE_OWNERS.map((name) => [name, `${databasePrefix}${name}`] as const), ['admin', '*'] as const]);
  const options = { dir, names: [...users, 'kafka', 'store'], databases, hosts: ['127.0.0.1', 'localhost'], now: Date.now() };
  makeCredentials(options);
  const [kafka = 0, internal = 0, controller = 0, store = 0] = await freePorts(4);
  const ports = { kafka, internal, controller, store };
  const ground = await startEmbeddedGround({
    root,
    dataDir: join(folder, 'data'),
    cacheDir: join(root, '.tocsin', 'cache'),
    logDir: join(folder, 'logs'),
    ports,
    credentials: dir,
    progress: (line) => process.stderr.write(`${line}\n`),
  });
  const closed: ClosedGround = {
    dir,
    options,
    brokers: ground.brokers,
    internalBrokers: [`127.0.0.1:${internal}`],
    mongoUri: ground.mongoUri,
    ports,
    kafkaSecurity: (user) => ({
      ca: credentialFiles(dir, user).ca,
      user,
      passwordFile: credentialFiles(dir, user).kafkaPassword,
      mechanism: 'scram-sha-512',
    }),
    storeSecurity: (user) => ({
      ca: credentialFiles(dir, user).ca,
      user,
      passwordFile: credentialFiles(dir, user).storePassword,
      authSource: 'admin',
    }),
    async applyAccess() {
      const { ca, certificate, key } = credentialFiles(dir, 'admin');
      const security: KafkaSecurity = { ca, certificate, key, mechanism: 'scram-sha-512' };
      const deps = createObservability({ service: 'test', instanceId: 'closed-ground', logLevel: 'error' });
      const connection = connectKafka(
        { brokers: closed.internalBrokers, clientId: 'access', prefix: '', security },
        { ...deps, fail: failTest },
      );
      try {
        const passwords = new Map(users.map((user) => [user, readPassword(credentialFiles(dir, user).kafkaPassword)]));
        return await applyKafkaAccess(connection, passwords, accessRules(channels, ''));
      } finally {
        await connection.close(CLOSE_MS);
      }
    },
    async stop() {
      await ground.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await closed.applyAccess();
  return closed;
}
