import { mkdirSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { connectMongo } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import { ensureJars, kafkaProperties, newClusterId, repositoryRoot, waitUntil } from '@tocsin/testing';
import { GenericContainer, type StartedTestContainer } from 'testcontainers';
import { JAVA_IMAGE } from './engine.js';

/** ms until Kafka answers: its folder is formatted first, two JVMs one after the other. */
const ANSWERING_DEADLINE_MS = 90_000;

export interface ContainerGround {
  readonly brokers: readonly string[];
  readonly mongoUri: string;
  stop(): Promise<void>;
}

/** The real Kafka and the document store of deploy/ground, each in a container of its own, on the machine's network. */
export async function startGroundContainers(
  folder: string,
  ports: { readonly kafka: number; readonly store: number },
): Promise<ContainerGround> {
  const root = repositoryRoot();
  const jars = await ensureJars({
    sourceDir: join(root, 'deploy', 'ground'),
    cacheDir: join(root, '.tocsin', 'cache'),
    progress: () => {},
  });
  const started: StartedTestContainer[] = [];
  const start = async (name: string, command: string): Promise<void> => {
    mkdirSync(join(folder, name), { recursive: true });
    started.push(
      await new GenericContainer(JAVA_IMAGE)
        .withNetworkMode('host')
        .withBindMounts([
          { source: jars, target: '/jars', mode: 'ro' },
          { source: join(folder, name), target: '/data', mode: 'rw' },
        ])
        .withCommand(['sh', '-c', command])
        .start(),
    );
  };
  const stop = async (): Promise<void> => void (await Promise.all(started.map((container) => container.stop())));
  try {
    mkdirSync(join(folder, 'kafka'), { recursive: true });
    const node = { id: 1, host: '127.0.0.1', port: ports.kafka, controllerPort: ports.kafka + 1 };
    writeFileSync(join(folder, 'kafka', 'server.properties'), kafkaProperties(node, [node], '/data/log'));
    await Promise.all([start('kafka', kafkaCommand()), start('store', storeCommand(ports.store))]);
    await waitUntil('Kafka answers', () => kafkaAnswers(ports.kafka), ANSWERING_DEADLINE_MS, 500);
    const mongoUri = `mongodb://127.0.0.1:${ports.store}`;
    await waitUntil('the document store answers', () => answers(mongoUri), ANSWERING_DEADLINE_MS, 500);
    return { brokers: [`127.0.0.1:${ports.kafka}`], mongoUri, stop };
  } catch (failure) {
    await stop();
    throw failure;
  }
}

function kafkaCommand(): string {
  const java = "java -cp '/jars/*' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn";
  const format = `${java} -Xmx128m kafka.tools.StorageTool format --ignore-formatted -t ${newClusterId()} -c /data/server.properties`;
  return `${format} && exec ${java} -Xmx512m kafka.Kafka /data/server.properties`;
}

function storeCommand(port: number): string {
  const java = "java -cp '/jars/*' -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dtocsin.cacheMiB=128";
  return `exec ${java} tocsin.ground.DocumentStore ${port} /data/store.mv`;
}

/** ApiVersions v0 without a client id: the smallest question a broker answers only once it serves. */
const API_VERSIONS_REQUEST = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);

function kafkaAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: 2_000 }, () => socket.write(API_VERSIONS_REQUEST));
    const end = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
    socket.once('close', () => end(false));
  });
}

async function answers(uri: string): Promise<boolean> {
  const { logger, metrics, tracing } = createObservability({ service: 'containers', instanceId: 'containers-1', logLevel: 'error' });
  try {
    const connection = await connectMongo(uri, 'containers', { logger, metrics });
    await connection.close();
    return true;
  } catch {
    return false;
  } finally {
    await tracing.shutdown();
  }
}
