import { join } from 'node:path';
import type { ManagedProcess } from '../process/managed-process.js';
import { credentialFiles, storeUsersFile } from '@tocsin/sealing/credentials';
import { requireDiskSpace } from './disk-space.js';
import { startDocumentStore } from './document-store.js';
import { embeddedVersions } from './ground-versions.js';
import { ensureJars } from './jars.js';
import { findJava } from './java.js';
import type { KafkaNode } from './kafka-properties.js';
import { startKafkaServer } from './kafka-server.js';

/** Kafka closes its segments and the store its file; both take about a second. */
const STOP_DEADLINE_MS = 15_000;

export interface GroundPorts {
  readonly kafka: number;
  readonly controller: number;
  readonly store: number;
  /** Needed with credentials. */
  readonly internal?: number;
}

export interface EmbeddedGroundOptions {
  /** Absolute path of the clone. */
  readonly root: string;
  /** Records and documents, kept across starts. */
  readonly dataDir: string;
  /** Where the jars are kept. */
  readonly cacheDir: string;
  readonly logDir: string;
  readonly ports: GroundPorts;
  /** Folder of credentials (libs/sealing) with those of "kafka" and "store": closes every link. */
  readonly credentials?: string;
  readonly progress: (line: string) => void;
  /** Told of each process as soon as it runs, before it is up. */
  readonly onProcess?: (started: ManagedProcess) => void;
  /** Ends a download under way. */
  readonly signal?: AbortSignal;
}

export interface EmbeddedGround {
  readonly brokers: readonly string[];
  readonly mongoUri: string;
  /** Where an administrator reaches Kafka by certificate; only with credentials. */
  readonly internalBrokers?: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  readonly processes: readonly ManagedProcess[];
  stop(): Promise<void>;
}

/** What closes the document store, from a folder of credentials. */
export function closedStore(credentials: string): { readonly pair: string; readonly users: string } {
  return { pair: credentialFiles(credentials, 'store').pair, users: storeUsersFile(credentials) };
}

/** Starts a real Kafka and the document store side by side; when one fails the other is stopped and the fault is thrown. */
export async function startEmbeddedGround(options: EmbeddedGroundOptions): Promise<EmbeddedGround> {
  const sourceDir = join(options.root, 'deploy', 'ground');
  const java = await findJava();
  const { signal } = options;
  const jars = await ensureJars({ sourceDir, cacheDir: options.cacheDir, progress: options.progress, ...(signal && { signal }) });
  requireDiskSpace(options.dataDir);
  const logFile = (name: string): string => join(options.logDir, `${name}.log`);
  const onProcess = (running: ManagedProcess): void => options.onProcess?.(running);
  const {
    credentials,
    ports: { internal },
  } = options;
  const node: KafkaNode = {
    id: 1,
    host: '127.0.0.1',
    port: options.ports.kafka,
    controllerPort: options.ports.controller,
    ...(internal === undefined ? {} : { internalPort: internal }),
  };
  const started = await Promise.allSettled([
    startKafkaServer({
      java,
      jars,
      dataDir: join(options.dataDir, 'kafka'),
      logFile: logFile('kafka'),
      node,
      nodes: [node],
      ...(credentials === undefined ? {} : { tls: credentialFiles(credentials, 'kafka') }),
      onProcess,
    }),
    startDocumentStore({
      java,
      jars,
      dataDir: join(options.dataDir, 'store'),
      logFile: logFile('store'),
      port: options.ports.store,
      ...(credentials === undefined ? {} : { closed: closedStore(credentials) }),
      onProcess,
    }),
  ]);
  const processes = started.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((running) => running.stop(STOP_DEADLINE_MS)));
  };
  const failed = started.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return {
    brokers: [`127.0.0.1:${options.ports.kafka}`],
    mongoUri: `mongodb://127.0.0.1:${options.ports.store}`,
    ...(credentials === undefined ? {} : { internalBrokers: [`127.0.0.1:${internal}`] }),
    versions: embeddedVersions(sourceDir),
    processes,
    stop,
  };
}
