import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ManagedProcess } from '../process/managed-process.js';
import { waitUntilUp } from './ground-process.js';

export interface DocumentStoreOptions {
  readonly java: string;
  readonly jars: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly onProcess: (started: ManagedProcess) => void;
  readonly port: number;
  /** PEM file of key and certificate, and the file of its users: nobody else is let in. None on loopback. */
  readonly closed?: { readonly pair: string; readonly users: string };
  /** How its process is started, e.g. in a network namespace; the command as it is unless said otherwise. */
  readonly wrap?: (command: string, args: readonly string[]) => { readonly command: string; readonly args: readonly string[] };
  /** Where this process reaches it; loopback unless said otherwise. */
  readonly reachedAt?: string;
}

/** The embedded document store on loopback (deploy/ground/src): MongoDB's wire, one file, every write in it before its answer. */
export async function startDocumentStore(options: DocumentStoreOptions): Promise<ManagedProcess> {
  mkdirSync(options.dataDir, { recursive: true });
  const file = join(options.dataDir, 'store.mv');
  const args = [
    ...JVM_FLAGS,
    ...(options.closed ? [`-Dtocsin.tls=${options.closed.pair}`, `-Dtocsin.users=${options.closed.users}`] : []),
    '-cp',
    join(options.jars, '*'),
    'tocsin.ground.Tethered',
    'tocsin.ground.DocumentStore',
    String(options.port),
    file,
  ];
  const store = await ManagedProcess.start({
    name: 'document store',
    ...(options.wrap?.(options.java, args) ?? { command: options.java, args }),
    env: process.env,
    cwd: options.dataDir,
    logFile: options.logFile,
    tethered: true,
  });
  options.onProcess(store);
  await waitUntilUp(
    store,
    { host: options.reachedAt ?? '127.0.0.1', port: options.port },
    { tls: options.closed !== undefined },
    options.dataDir,
  );
  return store;
}

/** The heap holds the page cache (128 MiB) and one decoded command at a time. */
const JVM_FLAGS = [
  '-Xms128m',
  '-Xmx512m',
  // As for the broker: within the minutes a development stack or a benchmark lives the optimising compiler costs more than it saves (a campaign of 150,000 after its import: 2.3
  // against 4.5 s of CPU, in the third one 2.5 against 3.2), and the collector's own threads with it; 220 instead of 630 MiB of memory.
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:+ExitOnOutOfMemoryError',
  '-Dtocsin.cacheMiB=128',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
];
