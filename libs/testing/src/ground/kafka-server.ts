import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ManagedProcess } from '../process/managed-process.js';
import { diskFull, isNoSpace } from './disk-space.js';
import { groundFault } from './ground-fault.js';
import { waitUntilUp } from './ground-process.js';
import { kafkaProperties, type KafkaNode, type KafkaTls } from './kafka-properties.js';

/** Formatting starts one JVM that writes three small files. */
const FORMAT_DEADLINE_MS = 60_000;

/** ApiVersions v0 without a client id: the smallest question a broker answers only once it serves. */
const API_VERSIONS_REQUEST = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);

const run = promisify(execFile);

export interface KafkaServerOptions {
  readonly java: string;
  readonly jars: string;
  /** Holds its properties, its format stamp and its logs. */
  readonly dataDir: string;
  readonly logFile: string;
  readonly onProcess: (started: ManagedProcess) => void;
  /** "kafka" unless said otherwise. */
  readonly name?: string;
  readonly node: KafkaNode;
  /** All nodes of the cluster, this one among them. */
  readonly nodes: readonly KafkaNode[];
  /** Closes every listener; none on loopback. */
  readonly tls?: KafkaTls;
  /** The same for all nodes of a cluster; a single node invents one. */
  readonly clusterId?: string;
  /** How the server's process is started, e.g. in a network namespace; the command as it is unless said otherwise. */
  readonly wrap?: (command: string, args: readonly string[]) => { readonly command: string; readonly args: readonly string[] };
  /** Where this process reaches the node, when not at its own address. */
  readonly reachedAt?: string;
}

/** A KRaft broker that votes as well, on loopback: formatted once, its records kept across starts. */
export async function startKafkaServer(options: KafkaServerOptions): Promise<ManagedProcess> {
  mkdirSync(options.dataDir, { recursive: true });
  const properties = join(options.dataDir, 'server.properties');
  writeFileSync(properties, kafkaProperties(options.node, options.nodes, join(options.dataDir, 'log'), options.tls));
  await formatOnce(options, properties);
  const args = [...JVM_FLAGS, '-cp', join(options.jars, '*'), 'tocsin.ground.Tethered', 'kafka.Kafka', properties];
  const server = await ManagedProcess.start({
    name: options.name ?? 'kafka',
    ...(options.wrap?.(options.java, args) ?? { command: options.java, args }),
    env: process.env,
    cwd: options.dataDir,
    logFile: options.logFile,
    tethered: true,
  });
  options.onProcess(server);
  await waitUntilUp(
    server,
    { host: options.reachedAt ?? options.node.host, port: options.node.port },
    { request: API_VERSIONS_REQUEST, tls: options.tls !== undefined },
    options.dataDir,
  );
  return server;
}

/** As Kafka's own tool makes them: 16 bytes in base64url, never with a leading dash. */
export function newClusterId(): string {
  return `T${randomBytes(16).toString('base64url').slice(1)}`;
}

const JVM_FLAGS = [
  '-Xms256m',
  '-Xmx512m',
  // A broker of some hundred requests a second on two cores: the concurrent collector's and the optimising compiler's own
  // threads cost more than they save within the ten minutes a development stack or a benchmark lives (5.3 against 2.7 ms of CPU a send in the first minute,
  // 5.9 against 3.7 in the third), and 50 MiB of memory.
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:+ExitOnOutOfMemoryError',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  // What was denied to whom, where links are closed.
  '-Dorg.slf4j.simpleLogger.log.kafka.authorizer.logger=info',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
];

async function formatOnce(options: KafkaServerOptions, properties: string): Promise<void> {
  const stamp = join(options.dataDir, 'formatted');
  if (existsSync(stamp)) return;
  // Without the stamp no broker ever ran here: what lies there is a format that was cut.
  rmSync(join(options.dataDir, 'log'), { recursive: true, force: true });
  const clusterId = options.clusterId ?? newClusterId();
  const args = ['-Xmx128m', '-cp', join(options.jars, '*'), 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties];
  try {
    await run(options.java, args, { timeout: FORMAT_DEADLINE_MS });
  } catch (failure) {
    if (isNoSpace(failure)) throw diskFull(options.dataDir, 'Kafka could not write');
    throw groundFault('GROUND_FAILED', `Kafka could not format its folder ${options.dataDir}: remove it and start again.`, failure);
  }
  writeFileSync(stamp, clusterId);
}
