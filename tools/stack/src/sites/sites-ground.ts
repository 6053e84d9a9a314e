import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { credentialFiles } from '@tocsin/sealing/credentials';
import {
  closedStore,
  embeddedVersions,
  ensureJars,
  findJava,
  newClusterId,
  requireDiskSpace,
  startDocumentStore,
  startKafkaServer,
  type KafkaNode,
  type ManagedProcess,
} from '@tocsin/testing';
import type { Ground, GroundOptions } from '../stack/ground.js';
import { GROUND_OFFSETS } from '../stack/port-plan.js';
import type { Fabric } from './fabric.js';
import { RACKS } from './links.js';
import { placeOf } from './place-of.js';

/** Kafka hands its partitions over, closes its segments, and the store its file. */
const STOP_DEADLINE_MS = 15_000;

/** "kafka-A": the broker of a rack, as the supervisor calls it. */
export function brokerName(rack: (typeof RACKS)[number]): string {
  return `kafka-${rack}`;
}

/** As the supervisor calls it, here as on one host. */
export const STORE_NAME = 'document store';

/** The brokers of a stretched cluster, one a rack, which vote as well; pure. */
export function sitesNodes(fabric: Fabric, firstPort: number): readonly KafkaNode[] {
  return RACKS.map((rack, index) => ({
    id: index + 1,
    rack,
    host: fabric.place(rack).host,
    port: firstPort + GROUND_OFFSETS.kafka,
    controllerPort: firstPort + GROUND_OFFSETS.controller,
    internalPort: firstPort + GROUND_OFFSETS.internal,
  }));
}

/** Three brokers on three racks and the document store at the witness; when one fails to start the others are stopped and the fault is thrown. */
export async function startSitesGround(options: GroundOptions, fabric: Fabric): Promise<Ground> {
  const { paths, firstPort, progress, onProcess, signal, credentials } = options;
  const sourceDir = join(paths.root, 'deploy', 'ground');
  const java = await findJava();
  const jars = await ensureJars({ sourceDir, cacheDir: paths.cache, progress, signal });
  requireDiskSpace(paths.groundData);
  const clusterId = clusterIdOf(join(paths.groundData, 'cluster-id'));
  const nodes = sitesNodes(fabric, firstPort);
  const witness = fabric.place('W');
  const storePort = firstPort + GROUND_OFFSETS.store;
  const logFile = (name: string): string => join(paths.logs, `${name.replaceAll(' ', '-')}.log`);
  const brokers = RACKS.map((rack, index) => {
    const node = nodes[index];
    if (node === undefined) throw new Error('every rack has a node');
    return startKafkaServer({
      java,
      jars,
      name: brokerName(rack),
      dataDir: join(paths.groundData, brokerName(rack)),
      logFile: logFile(brokerName(rack)),
      node,
      nodes,
      clusterId,
      ...(credentials === undefined ? {} : { tls: credentialFiles(credentials, 'kafka') }),
      wrap: placeOf(fabric, rack).wrap,
      reachedAt: fabric.place(rack).outer,
      onProcess,
    });
  });
  const store = startDocumentStore({
    java,
    jars,
    dataDir: join(paths.groundData, 'store'),
    logFile: logFile(STORE_NAME),
    port: storePort,
    ...(credentials === undefined ? {} : { closed: closedStore(credentials) }),
    wrap: placeOf(fabric, 'W').wrap,
    reachedAt: witness.outer,
    onProcess,
  });
  const started = await Promise.allSettled([...brokers, store]);
  const processes = started.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((running: ManagedProcess) => running.stop(STOP_DEADLINE_MS)));
  };
  const failed = started.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return {
    kind: 'embedded',
    brokers: nodes.map(({ host, port }) => `${host}:${port}`),
    mongoUri: `mongodb://${witness.host}:${storePort}`,
    ...(credentials === undefined ? {} : { internalBrokers: nodes.map(({ host, internalPort }) => `${host}:${internalPort}`) }),
    versions: embeddedVersions(sourceDir),
    processes,
    stop,
  };
}

/** One for all brokers and all starts of this folder. */
function clusterIdOf(file: string): string {
  if (!existsSync(file)) {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, newClusterId());
  }
  return readFileSync(file, 'utf8').trim();
}
