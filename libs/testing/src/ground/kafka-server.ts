import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ManagedProcess } from '../process/managed-process.js';
import { diskFull, isNoSpace } from './disk-space.js';
import { groundFault } from './ground-fault.js';
import { waitUntilUp } from './ground-process.js';

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
  readonly port: number;
  readonly controllerPort: number;
}

/** A single-node KRaft broker on loopback: formatted once, its records kept across starts. */
export async function startKafkaServer(options: KafkaServerOptions): Promise<ManagedProcess> {
  mkdirSync(options.dataDir, { recursive: true });
  const properties = join(options.dataDir, 'server.properties');
  writeFileSync(properties, kafkaProperties(options));
  await formatOnce(options, properties);
  const server = await ManagedProcess.start({
    name: 'kafka',
    command: options.java,
    args: [...JVM_FLAGS, '-cp', join(options.jars, '*'), 'tocsin.ground.Tethered', 'kafka.Kafka', properties],
    env: process.env,
    cwd: options.dataDir,
    logFile: options.logFile,
    tethered: true,
  });
  options.onProcess(server);
  await waitUntilUp(server, options.port, API_VERSIONS_REQUEST, options.dataDir);
  return server;
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
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
];

async function formatOnce(options: KafkaServerOptions, properties: string): Promise<void> {
  const stamp = join(options.dataDir, 'formatted');
  if (existsSync(stamp)) return;
  // Without the stamp no broker ever ran here: what lies there is a format that was cut.
  rmSync(join(options.dataDir, 'log'), { recursive: true, force: true });
  const clusterId = `T${randomBytes(16).toString('base64url').slice(1)}`;
  const args = ['-Xmx128m', '-cp', join(options.jars, '*'), 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties];
  try {
    await run(options.java, args, { timeout: FORMAT_DEADLINE_MS });
  } catch (failure) {
    if (isNoSpace(failure)) throw diskFull(options.dataDir, 'Kafka could not write');
    throw groundFault('GROUND_FAILED', `Kafka could not format its folder ${options.dataDir}: remove it and start again.`, failure);
  }
  writeFileSync(stamp, clusterId);
}

/** One broker, one copy: every internal topic must be told so, or groups never get a coordinator. */
function kafkaProperties(options: KafkaServerOptions): string {
  const lines = [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${options.controllerPort}`,
    `listeners=PLAINTEXT://127.0.0.1:${options.port},CONTROLLER://127.0.0.1:${options.controllerPort}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${options.port}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
    `log.dirs=${join(options.dataDir, 'log')}`,
    'auto.create.topics.enable=false',
    'default.replication.factor=1',
    'min.insync.replicas=1',
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=8',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=1',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'group.initial.rebalance.delay.ms=0',
    'group.min.session.timeout.ms=1000',
    'num.network.threads=2',
    'num.io.threads=4',
    'log.segment.bytes=67108864',
    // Index files are reserved whole: 10 MiB each would ask the disk for gigabytes on some hundred partitions.
    'log.index.size.max.bytes=1048576',
    'log.cleaner.dedupe.buffer.size=16777216',
    // Twice a second the controller would write a record of nothing, and flush it, so that other brokers see whether they lag: a third of what an idle broker costs (11 instead of 17 ms of CPU a second).
    'metadata.max.idle.interval.ms=10000',
  ];
  return `${lines.join('\n')}\n`;
}
